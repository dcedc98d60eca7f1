import Glibc
import Speech
import Testing

@Suite struct `A resampler` {
    /// A sine of half of full scale.
    private func sine(_ frequency: Double, rate: Int, count: Int) -> [Int16] {
        (0..<count).map { Int16(16_384 * sin(2 * .pi * frequency * Double($0) / Double(rate))) }
    }

    /// The level of one frequency in the middle of the samples, in dB relative to the sine that went in.
    private func level(of frequency: Double, in samples: [Int16], rate: Int) -> Double {
        let middle = samples[(samples.count / 4)..<(samples.count * 3 / 4)]
        var real = 0.0
        var imaginary = 0.0
        var weights = 0.0
        for (index, sample) in middle.enumerated() {
            let weight = 0.5 - 0.5 * cos(2 * .pi * Double(index) / Double(middle.count))
            let angle = 2 * .pi * frequency * Double(index) / Double(rate)
            real += weight * Double(sample) * cos(angle)
            imaginary += weight * Double(sample) * sin(angle)
            weights += weight
        }
        let amplitude = 2 * (real * real + imaginary * imaginary).squareRoot() / weights
        return 20 * log10(max(amplitude, 1e-9) / 16_384)
    }

    @Test(arguments: [16_000, 22_050], [100.0, 1_000, 5_000, 6_500])
    func `keeps the level of what is in the band, and adds no image`(rate: Int, frequency: Double) {
        let output = Resampler(from: rate, to: 48_000).resample(sine(frequency, rate: rate, count: rate / 2))
        #expect(abs(level(of: frequency, in: output, rate: 48_000)) < 0.1)
        #expect(level(of: Double(rate) - frequency, in: output, rate: 48_000) < -70)
        #expect(level(of: Double(rate) + frequency, in: output, rate: 48_000) < -70)
    }

    @Test func `removes what the lower rate cannot hold`() {
        let output = Resampler(from: 48_000, to: 16_000).resample(sine(11_000, rate: 48_000, count: 24_000))
        #expect(level(of: 5_000, in: output, rate: 16_000) < -70)
    }

    @Test(arguments: [16_000, 22_050]) func `shifts nothing in time`(rate: Int) {
        var click = [Int16](repeating: 0, count: rate / 2)
        click[rate / 4] = 20_000
        let output = Resampler(from: rate, to: 48_000).resample(click)
        let peak = output.indices.max { output[$0] < output[$1] } ?? 0
        #expect(abs(Double(peak) / 48_000 - Double(rate / 4) / Double(rate)) < 1 / 48_000)
    }

    @Test(arguments: [0, 1, 2, 147, 16_001]) func `makes as many samples as the duration asks for`(count: Int) {
        let resampler = Resampler(from: 22_050, to: 48_000)
        let output = resampler.resample([Int16](repeating: 5, count: count))
        #expect(output.count == Int((Double(count) * 48_000 / 22_050).rounded(.up)))
    }

    @Test func `saturates instead of wrapping round`() {
        let square = (0..<4_000).map { $0 / 20 % 2 == 0 ? Int16.max : Int16.min }
        let output = Resampler(from: 16_000, to: 48_000).resample(square)
        #expect(output.max() == Int16.max)
        #expect(output.min() == Int16.min)
        // A wrapped sample would stand alone among neighbours of the other sign.
        for index in 1..<(output.count - 1) where abs(Int(output[index])) > 30_000 {
            #expect(
                output[index].signum() == output[index - 1].signum()
                    || output[index].signum() == output[index + 1].signum())
        }
    }

    @Test func `applies its gain`() {
        let output = Resampler(from: 16_000, to: 48_000, gain: 0.5).resample([Int16](repeating: 10_000, count: 1_000))
        #expect(abs(Int(output[1_500]) - 5_000) <= 1)
    }
}
