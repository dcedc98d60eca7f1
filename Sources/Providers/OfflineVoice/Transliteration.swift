import Foundation

/// Letters that a voice has no sounds for, in letters that it has.
enum Transliteration {
    /// `Привет` → `Privet`
    static func latin(_ text: String) -> String { applying("Any-Latin", to: text) }

    /// `Über` → `Uber`, `مرحبا` → `mrhba`; what has no Latin writing is left out.
    static func ascii(_ text: String) -> String {
        applying("Any-Latin; Latin-ASCII", to: text).filter(\.isASCII)
    }

    private static func applying(_ transform: String, to text: String) -> String {
        // Foundation answers nil only for a transform that ICU does not know.
        text.applyingTransform(StringTransform(transform), reverse: false) ?? text
    }
}
