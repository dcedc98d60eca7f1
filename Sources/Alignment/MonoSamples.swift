import Glibc

/// A recording of one channel.
public struct MonoSamples: Sendable {
    /// Full scale is -1 to 1.
    public let samples: [Float]
    /// Hz
    public let sampleRate: Double

    public init(samples: [Float], sampleRate: Double) { (self.samples, self.sampleRate) = (samples, sampleRate) }

    /// 16-bit samples.
    public init(samples: [Int16], sampleRate: Double) {
        self.init(samples: samples.map { Float($0) / 32_768 }, sampleRate: sampleRate)
    }

    /// Seconds
    public var duration: Double { Double(samples.count) / sampleRate }

    /// With as few samples as speech needs to be told apart: every n-th, at 16 kHz or a little more, after what would
    /// fold over has been filtered out. Itself below 32 kHz.
    func thinned() -> MonoSamples {
        let step = Int(sampleRate / 16_000)
        guard step > 1 else { return self }
        let taps = 16 * step + 1
        // A sinc under a Hann window, its cut-off a tenth below the new Nyquist frequency.
        let cutoff = 0.45 / Double(step)
        var filter = (0..<taps).map { tap -> Double in
            let distance = Double(tap - taps / 2)
            let sinc = distance == 0 ? 1 : sin(2 * .pi * cutoff * distance) / (2 * .pi * cutoff * distance)
            return sinc * (0.5 + 0.5 * cos(2 * .pi * distance / Double(taps + 1)))
        }
        let sum = filter.reduce(0, +)
        for tap in 0..<taps { filter[tap] /= sum }
        let kernel = filter.map(Float.init)
        let count = (samples.count + step - 1) / step
        let thin = samples.withUnsafeBufferPointer { samples in
            kernel.withUnsafeBufferPointer { kernel in
                [Float](unsafeUninitializedCapacity: count) { result, written in
                    for index in 0..<count {
                        let first = index * step - taps / 2
                        var sum: Float = 0
                        for tap in max(0, -first)..<max(0, min(taps, samples.count - first)) {
                            sum += kernel[tap] * samples[first + tap]
                        }
                        result[index] = sum
                    }
                    written = count
                }
            }
        }
        return MonoSamples(samples: thin, sampleRate: sampleRate / Double(step))
    }
}
