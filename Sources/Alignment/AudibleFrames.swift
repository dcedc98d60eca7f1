/// Where in a recording anything is heard at all, more finely than sounds are compared.
struct AudibleFrames {
    /// Seconds
    static let length = 0.005
    /// Nil where so much noise is heard that soft sounds drown in it.
    private let audible: [Bool]?

    /// Of the recording's own peak: 44 dB below it, as soft as the last of a consonant is.
    private static let threshold: Float = 0.006
    /// How much louder than the noise must be what is not noise.
    private static let aboveNoise: Float = 1.6
    /// Of the peak: a noise of more drowns soft sounds.
    private static let loudNoise: Float = 0.012

    /// - Parameter silent: for each of `SoundPair`'s frames whether surely nobody speaks.
    init(of recording: MonoSamples, silent: [Bool]) {
        let rate = recording.sampleRate
        let count = Int((recording.duration / Self.length).rounded(.up))
        var peak: Float = 0
        var levels = [Float](repeating: 0, count: count)
        recording.samples.withUnsafeBufferPointer { samples in
            for frame in 0..<count {
                let first = Int(Double(frame) * Self.length * rate)
                let end = min(samples.count, Int(Double(frame + 1) * Self.length * rate))
                var energy: Float = 0
                for index in first..<max(first, end) {
                    energy += samples[index] * samples[index]
                    peak = max(peak, abs(samples[index]))
                }
                levels[frame] = (energy / Float(max(1, end - first))).squareRoot()
            }
        }
        let step = Aligner.hop / Self.length
        let noise = levels.indices.filter { frame in
            let slow = Int(Double(frame) / step)
            return slow < silent.count && silent[slow]
        }.map { levels[$0] }.sorted()
        let floor = noise.isEmpty ? 0 : noise[noise.count * 9 / 10] * Self.aboveNoise
        audible = floor > peak * Self.loudNoise ? nil : levels.map { $0 > max(peak * Self.threshold, floor) }
    }

    /// The words' times with what is not heard taken off their ends, and what is heard between two words given to the one
    /// that it goes on from: a last soft `t` after its closure, a breathed beginning.
    func refined(_ words: [Range<Double>]) -> [Range<Double>] {
        guard let audible else { return words }
        var frames = words.map { word in
            let first = min(audible.count - 1, Int((word.lowerBound / Self.length).rounded()))
            return first..<min(audible.count, max(first + 1, Int((word.upperBound / Self.length).rounded())))
        }
        for word in frames.indices {
            let range = frames[word]
            if let first = range.first(where: { audible[$0] }), let last = range.last(where: { audible[$0] }) {
                frames[word] = first..<(last + 1)
            }
        }
        for word in frames.indices {
            let (before, range) = (word > 0 ? frames[word - 1].upperBound : 0, frames[word])
            let after = word + 1 < frames.count ? frames[word + 1].lowerBound : audible.count
            let end = Self.heardEnd(from: range.upperBound, before: after, audible)
            frames[word] = Self.heardStart(from: range.lowerBound, after: before, audible)..<end
        }
        return frames.map { (Double($0.lowerBound) * Self.length)..<(Double($0.upperBound) * Self.length) }
    }

    /// Frames of silence that are heard as a part of a word, and frames that a word may be longer than was found.
    private static let closure = 10
    private static let reach = 40

    private static func heardEnd(from end: Int, before limit: Int, _ audible: [Bool]) -> Int {
        var (end, frame) = (end, end)
        let limit = min(limit, end + reach)
        while frame < limit, frame - end <= closure {
            frame += 1
            if audible[frame - 1] { end = frame }
        }
        return end
    }

    private static func heardStart(from start: Int, after limit: Int, _ audible: [Bool]) -> Int {
        var start = start
        let limit = max(limit, start - reach)
        while start > limit, audible[start - 1] { start -= 1 }
        return start
    }
}
