/// Mono 16-bit samples.
public struct Sound: Sendable, Equatable {
    /// Hz
    public let sampleRate: Int
    public var samples: [Int16]

    public init(sampleRate: Int, samples: [Int16]) { (self.sampleRate, self.samples) = (sampleRate, samples) }

    /// Nothing to be heard, for so many seconds.
    public init(silence seconds: Double, sampleRate: Int = 48_000) {
        self.init(
            sampleRate: sampleRate, samples: [Int16](repeating: 0, count: Int(seconds * Double(sampleRate))))
    }

    /// Seconds
    public var duration: Double { Double(samples.count) / Double(sampleRate) }

    public var peak: Int {
        samples.withUnsafeBufferPointer { samples in
            var peak = 0
            var index = 0
            while index < samples.count {
                let sample = abs(Int(samples[index]))
                if sample > peak { peak = sample }
                index += 1
            }
            return peak
        }
    }

    /// Rises and falls linearly at both ends, so that the sound can be joined to silence without a click.
    ///
    /// - Parameter seconds: the length of each slope; shortened when the sound is.
    public mutating func fadeEnds(seconds: Double) {
        let slope = min(Int(seconds * Double(sampleRate)), samples.count / 2)
        for index in 0..<slope {
            let last = samples.count - 1 - index
            samples[index] = Int16(Int(samples[index]) * index / slope)
            samples[last] = Int16(Int(samples[last]) * index / slope)
        }
    }
}
