import Glibc

/// How loud a recording is in each of some bands, which the ear hears as equally wide, in frame after frame.
///
/// Frame `t` stands for the time from `t * hop` to `(t + 1) * hop`; its window, which is longer, lies around the middle
/// of that.
struct MelSpectrum {
    static let bands = 26
    /// Seconds
    static let window = 0.025
    /// Hz: below lie hum and rumble.
    static let lowest = 90.0
    /// Hz: above, voices differ more than sounds do.
    static let highest = 6_800.0

    /// Seconds
    let hop: Double
    let count: Int
    /// `bands` for each frame.
    var power: [Float]

    /// - Parameters:
    ///   - highest: Hz; below half the sample rate.
    init(_ recording: MonoSamples, hop: Double, highest: Double) {
        let rate = recording.sampleRate
        let length = Int((Self.window * rate).rounded())
        var size = 2
        while size < length { size *= 2 }
        let transform = FourierTransform(size: size)
        let filters = Self.filters(size: size, rate: rate, highest: highest)
        let hamming = (0..<length).map { Float(0.54 - 0.46 * cos(2 * .pi * (Double($0) + 0.5) / Double(length))) }
        self.hop = hop
        count = Int((recording.duration / hop).rounded(.up))
        power = [Float](repeating: 0, count: count * Self.bands)
        var real = [Float](repeating: 0, count: size)
        var imaginary = real
        let frames = count
        recording.samples.withUnsafeBufferPointer { samples in
            real.withUnsafeMutableBufferPointer { real in
                imaginary.withUnsafeMutableBufferPointer { imaginary in
                    power.withUnsafeMutableBufferPointer { power in
                        // Two real signals at a time, as the parts of one complex signal.
                        for frame in stride(from: 0, to: frames, by: 2) {
                            for (part, index) in [(real, frame), (imaginary, frame + 1)] {
                                let middle = Int((Double(index) + 0.5) * hop * rate)
                                Self.fill(part, from: samples, start: middle - length / 2, window: hamming)
                            }
                            transform.transform(real, imaginary)
                            for (band, filter) in filters.enumerated() {
                                var (first, second): (Float, Float) = (0, 0)
                                for (offset, weight) in filter.weights.enumerated() {
                                    let bin = filter.first + offset
                                    let (a, b) = (real[bin], imaginary[bin])
                                    let (c, d) = (real[size - bin], imaginary[size - bin])
                                    let one = (a + c) * (a + c) + (b - d) * (b - d)
                                    let two = (b + d) * (b + d) + (c - a) * (c - a)
                                    first += weight * one
                                    second += weight * two
                                }
                                power[frame * Self.bands + band] = first
                                if frame + 1 < frames { power[(frame + 1) * Self.bands + band] = second }
                            }
                        }
                    }
                }
            }
        }
    }

    /// The samples under the window, their higher frequencies raised as far as voices let them fall; nothing where the
    /// recording has not begun or is over.
    private static func fill(
        _ part: UnsafeMutableBufferPointer<Float>, from samples: UnsafeBufferPointer<Float>, start: Int,
        window: [Float]
    ) {
        window.withUnsafeBufferPointer { window in
            for offset in 0..<part.count {
                let index = start + offset
                guard offset < window.count, index > 0, index < samples.count else {
                    part[offset] = 0
                    continue
                }
                part[offset] = (samples[index] - 0.97 * samples[index - 1]) * window[offset]
            }
        }
    }

    /// A triangle over the bins of a transform.
    private struct Filter {
        let first: Int
        let weights: [Float]
    }

    /// Triangles whose middles are equally far apart on the mel scale, each reaching to its neighbours' middles.
    private static func filters(size: Int, rate: Double, highest: Double) -> [Filter] {
        func mel(_ frequency: Double) -> Double { 2_595 * log10(1 + frequency / 700) }
        func frequency(_ mel: Double) -> Double { 700 * (pow(10, mel / 2_595) - 1) }
        let (bottom, top) = (mel(lowest), mel(highest))
        let corners = (0..<(bands + 2)).map { index in
            frequency(bottom + (top - bottom) * Double(index) / Double(bands + 1)) * Double(size) / rate
        }
        return (0..<bands).map { band in
            let (left, middle, right) = (corners[band], corners[band + 1], corners[band + 2])
            let first = max(1, Int(left.rounded(.up)))
            let last = min(size / 2 - 1, Int(right))
            var weights: [Float] = []
            if first <= last {
                for bin in first...last {
                    let position = Double(bin)
                    let weight =
                        position < middle
                        ? (position - left) / (middle - left) : (right - position) / (right - middle)
                    weights.append(Float(max(0, weight)))
                }
            }
            // A band narrower than a bin takes the nearest one.
            if weights.reduce(0, +) <= 0 {
                return Filter(first: min(max(1, Int(middle.rounded())), size / 2 - 1), weights: [1])
            }
            return Filter(first: first, weights: weights)
        }
    }
}
