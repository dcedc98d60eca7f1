package import Production

/// When each token of a text is heard in a recording of it.
package struct TimedTokens: Sendable, Equatable {
    /// Seconds from the recording's beginning. One for each token, in order, none empty, none overlapping, all inside the
    /// recording.
    package let times: [Narration.Span]
    /// How surely the recording says these words: 0 where it says others. Nil where none of the tokens can be said.
    package let confidence: Double?
}
