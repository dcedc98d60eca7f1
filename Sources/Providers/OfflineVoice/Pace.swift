import Speech

/// How fast to speak, so that a narration has 140 to 165 words a minute: the pace of a person explaining something.
struct Pace: Sendable {
    /// Words a minute that are aimed at, all pauses included, as long as the speech itself keeps within its own bounds.
    private static let target = 152.0
    /// Words a minute of the scenes without the pauses between them.
    private static let bounds = 147.0...161.0
    /// Factors of a voice's own speed. Beyond them it would be hard to follow, or sound drugged.
    static let speeds = 0.6...1.6

    let words: Int
    /// Seconds of silence between the sentences of a scene, all together.
    let rests: Double
    /// Seconds of silence before, between and after the scenes.
    let pauses: Double

    init(_ script: SpokenScript) {
        let sentences = script.sentences
        words = sentences.reduce(0) { $0 + $1.tokens.count }
        rests = sentences.reduce(0) { $0 + $1.pause }
        pauses = Pauses.atStart + script.scenes.reduce(0) { $0 + $1.pause }
        let letters = sentences.reduce(0) { $0 + $1.tokens.reduce(0) { $0 + $1.count } }
        // In scripts without blanks a token is a clause, and words can't be counted.
        applies = words > 0 && letters / words < 15
    }

    /// False when words a minute mean nothing for this text.
    let applies: Bool

    /// Seconds that all sentences together should take, without any pause.
    var wanted: Double {
        let minutes = Double(words) * 60
        let scenes = min(
            max(minutes / Self.target - pauses, minutes / Self.bounds.upperBound), minutes / Self.bounds.lowerBound)
        return max(scenes - rests, minutes / 300)
    }

    /// The speed that brings sentences that took `seconds` at `speed` to the wanted length.
    func speed(after seconds: Double, at speed: Double) -> Double {
        guard applies, seconds > 0 else { return speed }
        return min(max(speed * seconds / wanted, Self.speeds.lowerBound), Self.speeds.upperBound)
    }
}
