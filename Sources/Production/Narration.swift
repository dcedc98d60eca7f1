/// The voice stage's result beside the sound itself: when each scene and each word is heard. An artifact, as JSON.
package struct Narration: Sendable, Equatable, Codable {
    package struct Word: Sendable, Equatable, Codable {
        /// Our own token of the storyboard's text, punctuation attached, as captions show it.
        package var text: String
        /// Index into `Storyboard.scenes`.
        package var scene: Int
        /// Seconds from the beginning of the sound.
        package var start: Double
        package var end: Double

        package init(text: String, scene: Int, start: Double, end: Double) {
            (self.text, self.scene, self.start, self.end) = (text, scene, start, end)
        }
    }

    package struct Span: Sendable, Equatable, Codable {
        /// Seconds from the beginning of the sound.
        package var start: Double
        package var end: Double

        package init(start: Double, end: Double) { (self.start, self.end) = (start, end) }
    }

    package var version: Int
    /// The voice that spoke, as its provider names it.
    package var voice: String
    /// Length of the sound, seconds.
    package var duration: Double
    /// When each scene's words are heard, in the storyboard's order; the pauses lie between.
    package var scenes: [Span]
    /// In order, never overlapping; every token of every scene exactly once.
    package var words: [Word]

    package init(voice: String, duration: Double, scenes: [Span], words: [Word]) {
        version = 1
        (self.voice, self.duration, self.scenes, self.words) = (voice, duration, scenes, words)
    }
}

/// Splits what is said into the tokens that word timings and captions are about: maximal runs without white space.
package func spokenTokens(of text: String) -> [Substring] { text.split(whereSeparator: \.isWhitespace) }
