/// One word as an engine shall say it, and the pause that follows it inside the sentence.
public struct SpokenWord: Sendable, Hashable {
    /// How the voice goes on after a word. Engines turn it into melody as well as silence.
    public enum Pause: Character, Sendable, Hashable {
        case comma = ","
        case stop = "."
        case question = "?"
        case exclamation = "!"
    }

    /// Engines drop control characters, and cut what is longer than `lengthLimit` characters.
    public var text: String
    /// Nil when the next word follows at once.
    public var pause: Pause?

    public init(_ text: String, pause: Pause? = nil) { (self.text, self.pause) = (text, pause) }

    /// No language has such words, but a Chinese or Thai sentence without a blank may be so long; beyond it, one word
    /// would keep an engine busy for too long to be cancelled.
    public static let lengthLimit = 2_000

    /// What an engine is given: no NUL, which would end a C string, nor any other control character.
    var harmless: String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.lazy.prefix(Self.lengthLimit).filter { $0.properties.generalCategory != .control }))
    }
}
