import Feeds

/// Makes a source's text fit to be spoken: without addresses, marks of notes, emoji and invisible characters.
package enum SpokenText {
    /// Stands where an address stood; a sentence that needs one to make sense is not spoken.
    static let gap: Character = "\u{FFFC}"

    package static func clean(_ text: String) -> String {
        var result = ""
        for word in text.split(whereSeparator: \.isWhitespace) {
            let bare = word.drop { "(<[\"“„«".contains($0) }
            if isAddress(bare) {
                let end = word.reversed().prefix { ".,;:!?)]>\"”".contains($0) }.reversed()
                result += " " + String(gap) + String(end)
            } else {
                result += " " + word
            }
        }
        return tidied(withoutNotes(String(String.UnicodeScalarView(result.unicodeScalars.filter { !isSilent($0) }))))
    }

    /// Whether a voice can say it: letters or digits, and no address cut out.
    static func isSpeakable(_ sentence: String) -> Bool {
        !sentence.contains(gap) && sentence.contains { $0.isLetter }
    }

    /// Whether it is written from right to left, mostly.
    static func isRightToLeft(_ text: String) -> Bool {
        let letters = text.unicodeScalars.filter { $0.properties.isAlphabetic }
        let right = letters.count { (0x0590...0x08FF).contains($0.value) || (0xFB1D...0xFEFC).contains($0.value) }
        return right * 2 > letters.count
    }

    private static func isAddress(_ word: Substring) -> Bool {
        let lower = word.prefix(12).lowercased()
        if ["http://", "https://", "www.", "ftp://", "mailto:"].contains(where: lower.hasPrefix) { return true }
        guard let at = word.firstIndex(of: "@"), at != word.startIndex else { return false }
        return word[at...].dropFirst().contains(".")
    }

    /// Emoji, their modifiers, and characters that only steer the layout.
    package static func isSilent(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x1F, 0x7F...0x9F: return !scalar.properties.isWhitespace
        case 0x00AD, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x206F, 0xFEFF, 0xFE00...0xFE0F, 0x20E3: return true
        case 0x1F1E6...0x1F1FF, 0x1F3FB...0x1F3FF, 0xE0000...0xE0FFF, 0xE000...0xF8FF: return true
        default:
            let isEmoji = scalar.properties.isEmojiPresentation || scalar.properties.isEmoji && scalar.value >= 0x2190
            return isEmoji || (0x2500...0x27BF).contains(scalar.value)
        }
    }

    /// Drops `[1]`, `[a]`, `[citation needed]`, `[…]`; keeps what a quotation's editor put in, without the brackets.
    private static func withoutNotes(_ text: String) -> String {
        guard text.contains("[") else { return text }
        var (result, rest) = ("", text[...])
        while let open = rest.firstIndex(of: "[") {
            result += rest[..<open]
            let inside = rest[rest.index(after: open)...]
            guard let close = inside.prefix(80).firstIndex(of: "]") else {
                rest = inside
                continue
            }
            let note = inside[..<close]
            rest = inside[inside.index(after: close)...]
            if isElision(note) {
                result += "…"
            } else if !isNote(note) {
                result += note
            }
        }
        return (result + rest).replacing("]", with: "")
    }

    private static func isElision(_ note: Substring) -> Bool { note == "…" || note == "..." || note == "&#8230;" }

    private static func isNote(_ note: Substring) -> Bool {
        if note.count <= 2 || note.allSatisfy({ $0.isNumber || $0.isPunctuation || $0.isWhitespace }) { return true }
        return ["citation", "note", "edit", "update", "sic", "who?", "when?", "clarification", "source", "photo"]
            .contains(where: note.lowercased().hasPrefix)
    }

    /// No space in front of a comma, no empty parentheses, no doubled marks, where something was taken out.
    private static func tidied(_ text: String) -> String {
        var result = text.replacing("()", with: " ").replacing("( )", with: " ").collapsingWhitespace()
        for mark in [".", ",", ")"] { result = result.replacing(" " + mark, with: mark) }
        return result.replacing("( ", with: "(").replacing(",,", with: ",").replacing(",.", with: ".")
    }
}
