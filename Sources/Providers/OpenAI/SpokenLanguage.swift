import OfflineScript

/// Tells cheaply which language a text is in: by the script of its letters, and by its commonest words.
enum SpokenLanguage {
    /// `en` of `en-GB`.
    static func base(_ language: String) -> String {
        String(language.lowercased().prefix { $0 != "-" && $0 != "_" })
    }

    /// In English, for a model; the tag itself where we have no name.
    static func name(_ language: String) -> String {
        let names = [
            "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese",
            "nl": "Dutch", "pl": "Polish", "sv": "Swedish", "da": "Danish", "nb": "Norwegian", "fi": "Finnish",
            "cs": "Czech", "ru": "Russian", "uk": "Ukrainian", "el": "Greek", "tr": "Turkish", "ar": "Arabic",
            "he": "Hebrew", "hi": "Hindi", "zh": "Chinese", "ja": "Japanese", "ko": "Korean", "th": "Thai",
        ]
        return names[base(language)].map { "\($0) (\(language))" } ?? language
    }

    /// The best of the languages whose words we know; nil if none stands out.
    static func guess(_ text: String) -> String? {
        let shares = shares(of: text).sorted { $0.value > $1.value }
        guard let best = shares.first, best.value >= leastShare else { return nil }
        if shares.count > 1, best.value - shares[1].value < margin { return nil }
        return best.key
    }

    /// In which other language the text seems to be, or in which script, in words; nil if it may be in the right one.
    static func wrong(_ text: String, for language: String) -> String? {
        let base = base(language)
        let script = script(of: base)
        let letters = text.unicodeScalars.filter { $0.properties.isAlphabetic }
        guard letters.count >= 20 else { return nil }
        let fitting = letters.count { script.contains($0) }
        guard fitting * 2 > letters.count else { return "most letters are not of the script of \(name(language))" }
        let shares = shares(of: text)
        guard spokenCount(text) >= 12, let own = shares[base] else { return nil }
        guard let other = shares.max(by: { $0.value < $1.value }), other.key != base,
            other.value >= leastShare, other.value - own >= margin
        else { return nil }
        return "it reads like \(name(other.key))"
    }

    /// Of ten words of a text, three to five are among its language's commonest; another language's share is rarely above one.
    private static let leastShare = 0.2
    private static let margin = 0.08

    private static func spokenCount(_ text: String) -> Int { text.split(whereSeparator: \.isWhitespace).count }

    private static func shares(of text: String) -> [String: Double] {
        let words = text.lowercased().split { !$0.isLetter && $0 != "'" && $0 != "’" }.map(String.init)
        guard !words.isEmpty else { return [:] }
        return Dictionary(
            uniqueKeysWithValues: LanguageWords.known.map { language in
                let stop = LanguageWords.of(language).stop
                return (language, Double(words.count { stop.contains($0) }) / Double(words.count))
            })
    }

    private struct Script {
        let ranges: [ClosedRange<UInt32>]

        func contains(_ scalar: Unicode.Scalar) -> Bool { ranges.contains { $0.contains(scalar.value) } }
    }

    private static func script(of base: String) -> Script {
        switch base {
        case "ru", "uk", "bg", "be", "sr", "mk", "kk": Script(ranges: [0x0400...0x052F])
        case "el": Script(ranges: [0x0370...0x03FF, 0x1F00...0x1FFF])
        case "he", "yi": Script(ranges: [0x0590...0x05FF])
        case "ar", "fa", "ur": Script(ranges: [0x0600...0x06FF, 0x0750...0x077F])
        case "hi", "mr", "ne": Script(ranges: [0x0900...0x097F])
        case "th": Script(ranges: [0x0E00...0x0E7F])
        case "ko": Script(ranges: [0x1100...0x11FF, 0xAC00...0xD7AF])
        case "ja": Script(ranges: [0x3040...0x30FF, 0x4E00...0x9FFF])
        case "zh": Script(ranges: [0x3400...0x4DBF, 0x4E00...0x9FFF])
        case "en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "nb", "no", "fi", "cs", "sk", "hu", "ro", "hr",
            "sl", "tr", "id", "vi", "et", "lv", "lt":
            Script(ranges: [0x41...0x7A, 0xC0...0x24F, 0x1E00...0x1EFF])
        default: Script(ranges: [0...0x10FFFF])
        }
    }
}
