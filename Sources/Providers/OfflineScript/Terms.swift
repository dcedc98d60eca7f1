/// The words of a sentence that carry its meaning, made comparable.
enum Terms {
    static func of(_ text: String, _ vocabulary: LanguageWords) -> [String] {
        words(in: text).compactMap { word in
            let lower = word.lowercased()
            guard lower.count >= 3, !vocabulary.stop.contains(lower), lower.contains(where: \.isLetter) else {
                return nil
            }
            return stem(lower)
        }
    }

    /// Without punctuation; hyphens and apostrophes inside stay, a French or Italian article in front goes.
    static func words(in text: String) -> [Substring] {
        text.split { $0.isWhitespace || "—–/…".contains($0) }.compactMap { word in
            let bare = trimmed(word)
            return bare.isEmpty ? nil : bare
        }
    }

    static func trimmed(_ word: Substring) -> Substring {
        guard let first = word.firstIndex(where: { $0.isLetter || $0.isNumber }),
            let last = word.lastIndex(where: { $0.isLetter || $0.isNumber })
        else { return "" }
        return word[first...last]
    }

    /// Singular and plural, near enough, for the languages we speak.
    static func stem(_ word: String) -> String {
        var word = word
        for ending in ["'s", "’s"] where word.hasSuffix(ending) { word = String(word.dropLast(2)) }
        for article in ["l'", "l’", "d'", "d’", "qu'", "qu’"] where word.hasPrefix(article) {
            word = String(word.dropFirst(article.count))
        }
        if word.count > 4, word.hasSuffix("ies") { return word.dropLast(3) + "y" }
        for ending in ["en", "es", "er", "s", "e", "n"] where word.count - ending.count >= 4 && word.hasSuffix(ending) {
            return String(word.dropLast(ending.count))
        }
        return word
    }
}
