import Glibc

/// Changes a sound's sample rate by a linear-phase polyphase filter: a sinc under a Kaiser window.
public struct Resampler: Sendable {
    /// Hz
    public let input: Int
    public let output: Int
    /// The ratio in lowest terms.
    private let up: Int
    private let down: Int
    /// Input samples that each output sample is made of.
    private let taps: Int
    /// `up` rows of `taps` coefficients, ready to be multiplied with consecutive input samples.
    private let rows: [Float]

    /// - Parameters:
    ///   - gain: applied on the way. Below 1 it leaves room for the overshoot of a filtered full-scale signal.
    ///   - taps: an even number. 48 give a transition band of a tenth of the lower rate, with images 80 dB down.
    public init(from input: Int, to output: Int, gain: Double = 1, taps: Int = 48) {
        precondition(input > 0 && output > 0 && taps > 0 && taps.isMultiple(of: 2))
        let divisor = Self.greatestCommonDivisor(input, output)
        (self.input, self.output) = (input, output)
        (up, down) = (output / divisor, input / divisor)
        // When the rate falls the filter must be as much longer as its cut-off is lower.
        let stretch = max(1, Double(input) / Double(output))
        let taps = Int((Double(taps) * stretch / 2).rounded(.up)) * 2
        self.taps = taps
        // Slightly below the lower Nyquist frequency, so that the stop band begins close above it.
        let cutoff = 0.47 / stretch
        var rows: [Float] = []
        rows.reserveCapacity(up * taps)
        for phase in 0..<up {
            let offset = Double(phase) / Double(up)
            let row = (0..<taps).map { tap in
                let distance = Double(tap - taps / 2 + 1) - offset
                return Self.sinc(2 * cutoff * distance) * Self.kaiser(distance / (Double(taps) / 2))
            }
            // Each phase passes a constant unchanged; otherwise the phases' differences would be heard as a hum.
            let sum = row.reduce(0, +)
            rows += row.map { Float($0 * gain / sum) }
        }
        self.rows = rows
    }

    /// The number of samples that `count` samples become.
    public func outputCount(for count: Int) -> Int { (count * up + down - 1) / down }

    /// Whatever lies before and after the samples is taken for silence.
    public func resample(_ samples: [Int16]) -> [Int16] {
        let before = taps / 2 - 1
        var padded = [Float](repeating: 0, count: samples.count + taps)
        for (index, sample) in samples.enumerated() { padded[before + index] = Float(sample) }
        let count = outputCount(for: samples.count)
        // Pointers and plain loops: this is most of the work, and unoptimised builds run it too.
        return padded.withUnsafeBufferPointer { padded in
            rows.withUnsafeBufferPointer { rows in
                [Int16](unsafeUninitializedCapacity: count) { result, written in
                    guard let source = padded.baseAddress, let rows = rows.baseAddress else { return }
                    var position = 0
                    var phase = 0
                    var index = 0
                    while index < count {
                        let row = rows + phase &* taps
                        let from = source + position
                        var sum: Float = 0
                        var tap = 0
                        while tap < taps {
                            sum += row[tap] * from[tap] + row[tap &+ 1] * from[tap &+ 1]
                            tap &+= 2
                        }
                        result[index] = Int16(max(-32_768, min(32_767, sum.rounded())))
                        phase &+= down
                        position &+= phase / up
                        phase %= up
                        index &+= 1
                    }
                    written = count
                }
            }
        }
    }

    private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
        b == 0 ? a : greatestCommonDivisor(b, a % b)
    }

    private static func sinc(_ x: Double) -> Double { x == 0 ? 1 : sin(.pi * x) / (.pi * x) }

    /// The Kaiser window at `x` of its half-width, with 80 dB of attenuation (beta 7.86 by Kaiser's formula).
    private static func kaiser(_ x: Double) -> Double {
        guard abs(x) < 1 else { return 0 }
        return bessel(7.86 * (1 - x * x).squareRoot()) / bessel(7.86)
    }

    /// The modified Bessel function of the first kind, order zero, by its power series.
    private static func bessel(_ x: Double) -> Double {
        var sum = 1.0
        var term = 1.0
        for n in 1...40 {
            term *= (x / 2 / Double(n)) * (x / 2 / Double(n))
            sum += term
        }
        return sum
    }
}
