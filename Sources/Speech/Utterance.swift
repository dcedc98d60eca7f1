/// Tokens spoken in one go, and when each of them is heard.
public struct Utterance: Sendable {
    public private(set) var sound: Sound
    /// For each token, in order, its samples; nil where nothing was said for it. Never overlapping, never empty.
    public private(set) var spans: [Range<Int>?]

    /// - Parameter spans: as the engine reports them: possibly overlapping, beyond the sound, or silent at the ends.
    public init(sound: Sound, spans: [Range<Int>?]) {
        self.sound = sound
        let loudness = Loudness(of: sound)
        var end = 0
        self.spans = spans.map { span in
            guard let span else { return nil }
            let lower = max(span.lowerBound, end)
            let upper = min(span.upperBound, sound.samples.count)
            guard lower < upper, let heard = loudness.audiblePart(of: lower..<upper) else { return nil }
            end = heard.upperBound
            return heard
        }
    }

    /// - Parameter spans: as whoever has spoken tells them. They hold, but for silence at the sound's ends: judged by loudness
    ///   again, a soft stop within a word would move its end.
    public init(sound: Sound, told spans: [Range<Int>?]) {
        self.sound = sound
        let heard = Loudness(of: sound).audiblePart(of: sound.samples.indices) ?? 0..<0
        var end = heard.lowerBound
        self.spans = spans.map { span in
            guard let span else { return nil }
            let (lower, upper) = (max(span.lowerBound, end), min(span.upperBound, heard.upperBound))
            guard lower < upper else { return nil }
            end = upper
            return lower..<upper
        }
    }

    /// Cuts the silence before the first and after the last sound that is heard, but for a margin, and fades over it.
    /// Empty if nothing is heard at all.
    ///
    /// - Parameter margin: seconds left at each end.
    public func trimmed(margin: Double) -> Utterance {
        var copy = self
        let all = sound.samples.indices
        guard let heard = Loudness(of: sound).audiblePart(of: all) else {
            copy.sound.samples = []
            copy.spans = spans.map { _ in nil }
            return copy
        }
        let margin = Int(margin * Double(sound.sampleRate))
        let kept = max(0, heard.lowerBound - margin)..<min(all.upperBound, heard.upperBound + margin)
        copy.sound.samples = Array(sound.samples[kept])
        copy.sound.fadeEnds(seconds: Double(margin) / Double(sound.sampleRate))
        copy.spans = spans.map { span in
            span.map { ($0.lowerBound - kept.lowerBound)..<($0.upperBound - kept.lowerBound) }
        }
        return copy
    }
}
