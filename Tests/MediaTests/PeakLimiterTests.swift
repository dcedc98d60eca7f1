import Foundation
import Testing

@testable import Media

@Suite struct `The limiter` {
    private func run(_ limiter: PeakLimiter, count: Int, _ wave: (Int) -> Float) -> [Float] {
        let block = StereoBlock()
        return (0..<count).flatMap { number in
            for index in 0..<StereoBlock.length {
                block.left[index] = wave(number * StereoBlock.length + index)
                block.right[index] = 0
            }
            limiter.limit(block)
            return Array(UnsafeBufferPointer(start: block.left, count: StereoBlock.length))
        }
    }

    @Test func `leaves alone what is low, and gives it back later by its delay`() {
        func wave(_ index: Int) -> Float { index < 0 ? 0 : 0.3 * sin(Float(index) * 0.05) }
        let result = run(PeakLimiter(ceiling: -1), count: 4, wave)
        #expect(result.indices.allSatisfy { result[$0] == wave($0 - PeakLimiter.delay) })
    }

    @Test(arguments: [0.05, 0.9, 2.2, 3.0]) func `holds peaks also between samples, and lets go again`(step: Float) {
        // Steep: a tone near a quarter of the rate has its crests between samples.
        func wave(_ index: Int) -> Float {
            (9600..<19200).contains(index) ? 1.4 * sin(Float(index) * step + 0.6) : 0.2 * sin(Float(index) * step + 0.6)
        }
        let result = run(PeakLimiter(ceiling: -1.5), count: 60, wave)
        let gauge = TruePeakGauge()
        let block = StereoBlock()
        for start in stride(from: 0, to: result.count, by: StereoBlock.length) {
            block.left.update(from: Array(result[start..<start + StereoBlock.length]), count: StereoBlock.length)
            gauge.hear(block)
        }
        #expect((gauge.decibels ?? 0) < -1.4)
        #expect((gauge.decibels ?? -9) > -2.5)
        let end = result.count - 1
        #expect(abs(result[end] - wave(end - PeakLimiter.delay)) < 0.001)
    }
}
