import Alignment
import Glibc
import Speech

/// A text read aloud: its sound, and when each word is really heard.
struct Reading: Sendable {
    var samples: [Float] = []
    var sampleRate = 0.0
    /// Seconds; nil for what is not said.
    var times: [Range<Double>?] = []

    mutating func append(_ utterance: Utterance, rest: Double) {
        sampleRate = Double(utterance.sound.sampleRate)
        let start = Double(samples.count) / sampleRate
        samples += utterance.sound.samples.map { Float($0) / 32_768 }
        samples += [Float](repeating: 0, count: Int(rest * sampleRate))
        times += utterance.spans.map { span in
            span.map { (start + Double($0.lowerBound) / sampleRate)..<(start + Double($0.upperBound) / sampleRate) }
        }
    }

    var sound: MonoSamples { MonoSamples(samples: samples, sampleRate: sampleRate) }

    func later(by seconds: Double) -> Reading {
        var copy = self
        copy.samples = [Float](repeating: 0, count: Int(seconds * sampleRate)) + samples
        copy.times = times.map { $0.map { ($0.lowerBound + seconds)..<($0.upperBound + seconds) } }
        return copy
    }

    /// Faster and higher, or slower and deeper, as a tape is.
    func played(at speed: Double) -> Reading {
        var copy = self
        copy.sampleRate = sampleRate * speed
        copy.times = times.map { $0.map { ($0.lowerBound / speed)..<($0.upperBound / speed) } }
        return copy
    }

    func resampled(to rate: Int) -> Reading {
        var copy = self
        let resampler = Resampler(from: Int(sampleRate), to: rate)
        copy.samples = resampler.resample(samples.map { Int16(max(-32_768, min(32_767, $0 * 32_768))) })
            .map { Float($0) / 32_768 }
        copy.sampleRate = Double(rate)
        return copy
    }

    /// Without what lies above a frequency in Hz: four poles.
    func dull(above frequency: Double) -> Reading {
        var copy = self
        let c = 1 / tan(.pi * frequency / sampleRate)
        for damping in [1.847_76, 0.765_37] {
            let gain = 1 / (1 + damping * c + c * c)
            let (b0, b1) = (gain, 2 * gain)
            let (a1, a2) = (2 * (1 - c * c) * gain, (1 - damping * c + c * c) * gain)
            var (x1, x2, y1, y2) = (0.0, 0.0, 0.0, 0.0)
            for index in copy.samples.indices {
                let x = Double(copy.samples[index])
                let y = b0 * x + b1 * x1 + b0 * x2 - a1 * y1 - a2 * y2
                (x2, x1, y2, y1) = (x1, x, y1, y)
                copy.samples[index] = Float(y)
            }
        }
        return copy
    }

    /// In white noise, so many decibels below the mean power of the whole.
    func noisy(decibels: Double) -> Reading {
        var copy = self
        var random = SplitMix(state: 1)
        let power = samples.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(max(1, samples.count))
        // Uniform between -a and a has the power a²/3.
        let peak = Float((3 * power * pow(10, -decibels / 10)).squareRoot())
        for index in copy.samples.indices { copy.samples[index] += Float.random(in: -peak...peak, using: &random) }
        return copy
    }
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
