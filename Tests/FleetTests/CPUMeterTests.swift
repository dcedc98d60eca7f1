import Fleet
import Synchronization
import Testing

@Suite struct `The CPU meter` {
    /// A clock that is moved by hand.
    private final class Clock: Sendable {
        private let time = Mutex(Duration.seconds(100))
        func advance(_ duration: Duration) { time.withLock { $0 += duration } }
        var now: Duration { time.withLock { $0 } }
    }

    @Test func `gives one measurement all of the time, but none from before it began`() {
        let clock = Clock()
        let meter = CPUMeter(clock: { clock.now })
        clock.advance(.seconds(5))
        let one = meter.start()
        clock.advance(.seconds(3))
        #expect(meter.stop(one) == .seconds(3))
        #expect(meter.stop(one) == .zero, "it has ended")
    }

    @Test func `shares time equally among those under way`() {
        let clock = Clock()
        let meter = CPUMeter(clock: { clock.now })
        let one = meter.start()
        clock.advance(.seconds(4))
        let two = meter.start()
        clock.advance(.seconds(6))
        #expect(meter.stop(one) == .seconds(7))
        clock.advance(.seconds(1))
        #expect(meter.stop(two) == .seconds(4))
    }

    @Test func `hands out no more than there was`() {
        let clock = Clock()
        let meter = CPUMeter(clock: { clock.now })
        let many = (0..<7).map { _ in meter.start() }
        clock.advance(.seconds(10))
        let sum = many.map { meter.stop($0) }.reduce(.zero, +)
        #expect(sum <= .seconds(10) && sum > .milliseconds(9_999))
    }

    @Test func `counts real work by its standard clock`() {
        let meter = CPUMeter()
        let one = meter.start()
        var sum = 0
        let begun = processCPUTime()
        while processCPUTime() - begun < .milliseconds(5) { sum &+= 1 }
        #expect(meter.stop(one) >= .milliseconds(5))
    }
}
