import Testing

@testable import StageQueue

@Suite struct `A due time` {
    @Test(arguments: [
        (Duration.zero, Int64(0)), (.nanoseconds(1), 1), (.milliseconds(1), 1), (.microseconds(1_001), 2),
        (.seconds(-1), -1_000), (.milliseconds(-1), -1), (.nanoseconds(-1), 0), (.seconds(86_400), 86_400_000),
    ])
    func `is told in whole milliseconds, never before its time`(duration: Duration, milliseconds: Int64) {
        #expect(duration.milliseconds == milliseconds)
    }
}
