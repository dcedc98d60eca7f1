/// A text made safe for a folder, a URL and a key: lower-case ASCII letters, digits and hyphens, at most 60 characters,
/// with diacritics folded. Nil if nothing is left.
package func slug(from text: String) -> String? {
    var slug = ""
    for character in text.lowercased() {
        if character == "'" || character == "’" { continue }
        if let folded = folding[character] {
            slug += folded
        } else if let first = character.unicodeScalars.first, first.isASCII,
            first.properties.isAlphabetic || first.properties.numericType != nil
        {
            // Alone: what combines with it (dot of İ, frame of a keycap) is no letter of a slug.
            slug.unicodeScalars.append(first)
        } else if !slug.isEmpty, !slug.hasSuffix("-") {
            slug.append("-")
        }
        if slug.count >= 60 { break }
    }
    slug = String(slug.prefix(60))
    while slug.hasSuffix("-") { slug.removeLast() }
    return slug.isEmpty ? nil : slug
}

private let folding: [Character: String] = [
    "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "å": "a", "à": "a", "á": "a", "â": "a",
    "ã": "a", "ç": "c", "č": "c", "ć": "c", "ď": "d", "đ": "d", "è": "e", "é": "e", "ê": "e", "ë": "e", "ě": "e",
    "ę": "e", "ì": "i", "í": "i", "î": "i", "ï": "i", "ł": "l", "ñ": "n", "ń": "n", "ň": "n", "ò": "o", "ó": "o",
    "ô": "o", "õ": "o", "ő": "o", "ř": "r", "ś": "s", "š": "s", "ş": "s", "ť": "t", "ţ": "t", "ù": "u", "ú": "u",
    "û": "u", "ů": "u", "ű": "u", "ý": "y", "ÿ": "y", "ź": "z", "ż": "z", "ž": "z", "ı": "i", "þ": "th", "ð": "d",
]
