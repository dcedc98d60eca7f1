import Glibc
import Testing

@testable import Alignment

@Suite struct `The pieces of an alignment` {
    @Test(arguments: [2, 8, 512])
    func `A fast transform is the slow one`(size: Int) {
        var random = SplitMix(state: 3)
        var real = (0..<size).map { _ in Float.random(in: -1...1, using: &random) }
        var imaginary = (0..<size).map { _ in Float.random(in: -1...1, using: &random) }
        let bins = [0, 1, size / 2, size - 1]
        let expected = bins.map { bin in
            var sum = (0.0, 0.0)
            for index in 0..<size {
                let angle = -2 * Double.pi * Double(bin * index % size) / Double(size)
                sum.0 += Double(real[index]) * cos(angle) - Double(imaginary[index]) * sin(angle)
                sum.1 += Double(real[index]) * sin(angle) + Double(imaginary[index]) * cos(angle)
            }
            return sum
        }
        real.withUnsafeMutableBufferPointer { real in
            imaginary.withUnsafeMutableBufferPointer { imaginary in
                FourierTransform(size: size).transform(real, imaginary)
            }
        }
        for (bin, value) in zip(bins, expected) {
            #expect(abs(Double(real[bin]) - value.0) < 1e-3 && abs(Double(imaginary[bin]) - value.1) < 1e-3, "\(bin)")
        }
    }

    @Test func `A triangle of a matrix solves its equations`() throws {
        let matrix = [4.0, 2, 0.6, 2, 5, 1, 0.6, 1, 3]
        let cholesky = try #require(Cholesky(matrix, side: 3))
        let solution = cholesky.solve([1, 2, 3])
        for row in 0..<3 {
            let product = (0..<3).reduce(0.0) { $0 + matrix[row * 3 + $1] * solution[$1] }
            #expect(abs(product - Double(row + 1)) < 1e-9)
        }
        #expect(Cholesky([1, 2, 2, 1], side: 2) == nil, "not positive definite")
    }

    @Test func `Thinning keeps what speech is made of, and folds nothing over`() {
        func tone(_ frequency: Double) -> MonoSamples {
            MonoSamples(
                samples: (0..<48_000).map { Float(sin(2 * .pi * frequency * Double($0) / 48_000)) }, sampleRate: 48_000)
        }
        func loudness(_ sound: MonoSamples) -> Double {
            (sound.samples.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(sound.samples.count)).squareRoot()
        }
        let low = tone(1_000).thinned()
        #expect(low.sampleRate == 16_000 && low.samples.count == 16_000)
        #expect(abs(loudness(low) - 0.5.squareRoot()) < 0.01)
        #expect(loudness(tone(12_000).thinned()) < 0.01)
        #expect(MonoSamples(samples: [1, 2] as [Float], sampleRate: 22_050).thinned().samples == [1, 2])
    }

    @Test func `A tone is loudest in its own band`() throws {
        let sound = MonoSamples(
            samples: (0..<16_000).map { Float(sin(2 * .pi * 2_000 * Double($0) / 16_000)) }, sampleRate: 16_000)
        let spectrum = MelSpectrum(sound, hop: 0.01, highest: 6_800)
        #expect(spectrum.count == 100)
        for frame in [10, 11, 50] {
            let bands = spectrum.power[(frame * MelSpectrum.bands)..<((frame + 1) * MelSpectrum.bands)]
            let loudest = try #require(bands.indices.max { bands[$0] < bands[$1] }) - bands.startIndex
            // 2 kHz is the 1,521st mel, of 1,421 … from 137 to 2,638 in 27 steps.
            #expect((14...15).contains(loudest), "\(loudest)")
        }
    }
}
