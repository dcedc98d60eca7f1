/// When each word of a recording is heard.
public struct AlignedWords: Sendable, Equatable {
    /// Seconds from the recording's beginning: one for each word, in order, none empty, none overlapping, all inside the
    /// recording.
    public let times: [Range<Double>]
    /// How surely the recording says these words: 0 for any others, 1 for the same words in a clear voice. Nil where it
    /// speaks for less than ten seconds, too little to be sure.
    public let confidence: Double?
}
