/// A title made into part of a file name: lower-case ASCII letters and digits with single hyphens between, at most 60.
struct FileSlug: Equatable, CustomStringConvertible {
    static let limit = 60

    let description: String

    /// Accents are dropped or spelled out (é is e, ü is ue); what is not written in Latin letters is left out. If that
    /// leaves nothing, `fallback` stands in.
    init(_ title: String, fallback: String) {
        var words: [String] = []
        var word = ""
        for character in title {
            // An apostrophe inside a word joins it: "isn't" is isnt.
            if character == "'" || character == "\u{2019}" { continue }
            let letters = Self.fold(character)
            if letters.isEmpty {
                if !word.isEmpty { words.append(word) }
                word = ""
            } else {
                word += letters
            }
        }
        if !word.isEmpty { words.append(word) }

        var slug = ""
        for word in words {
            let longer = slug.isEmpty ? word : slug + "-" + word
            if longer.utf8.count > Self.limit { break }
            slug = longer
        }
        // A first word beyond the limit is cut rather than dropped.
        if slug.isEmpty, let word = words.first { slug = String(word.prefix(Self.limit)) }
        description = slug.isEmpty ? fallback : slug
    }

    /// The ASCII letters and digits that stand for a character; empty for what separates words.
    private static func fold(_ character: Character) -> String {
        if character.isASCII { return character.isLetter || character.isNumber ? character.lowercased() : "" }
        if let spelled = spelledOut[character] { return spelled }
        // "LATIN SMALL LETTER E WITH ACUTE" is an e.
        guard let words = character.unicodeScalars.first?.properties.name?.split(separator: " "), words.count >= 4,
            words[0] == "LATIN", words[2] == "LETTER", words[3].utf8.count == 1
        else { return character.unicodeScalars.first.map(asciiLetter) ?? "" }
        return words[3].lowercased()
    }

    /// A plain letter under combining marks that make no single character with it.
    private static func asciiLetter(_ scalar: Unicode.Scalar) -> String {
        scalar.isASCII && scalar.properties.isAlphabetic ? String(scalar).lowercased() : ""
    }

    private static let spelledOut: [Character: String] = [
        "ä": "ae", "ö": "oe", "ü": "ue", "Ä": "ae", "Ö": "oe", "Ü": "ue", "ß": "ss", "ẞ": "ss",
        "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "þ": "th", "Þ": "th", "ð": "d", "Ð": "d", "ı": "i",
    ]
}
