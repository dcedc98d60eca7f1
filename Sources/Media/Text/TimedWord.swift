/// One word as it is written, and when it is spoken.
public struct TimedWord: Sendable, Hashable, Codable {
    /// The token with its punctuation, as a reader should see it. May hold any character.
    public var text: String
    /// Seconds from the beginning of the narration.
    public var start: Double
    public var end: Double

    public init(_ text: String, start: Double, end: Double) {
        (self.text, self.start, self.end) = (text, start, end)
    }
}
