/// Splits a paragraph into sentences. Knows abbreviations, initials, decimals, ordinals, quotations and ellipses, in
/// English, German, French, Spanish and, with fewer abbreviations, other languages.
package struct Sentences {
    private let abbreviations: Set<String>
    private let starters: Set<String>
    /// German and others write ordinals with a full stop: "am 3. Oktober".
    private let hasDottedOrdinals: Bool

    /// `language` is a BCP 47 tag.
    package init(language: String) {
        let base = String(language.lowercased().prefix { $0 != "-" && $0 != "_" })
        abbreviations = Abbreviations.general.union(Abbreviations.byLanguage[base] ?? [])
        starters = Abbreviations.sentenceStarters[base] ?? []
        hasDottedOrdinals = ["de", "da", "nb", "no", "nn", "fi", "cs", "pl", "hu", "sk", "hr", "sl", "et"].contains(
            base)
    }

    /// In order, each as it stands in the text, trimmed.
    package func split(_ paragraph: String) -> [String] {
        let text = Array(paragraph.collapsingWhitespace())
        var (sentences, start, index): ([String], Int, Int) = ([], 0, 0)
        while index < text.count {
            guard Self.isTerminator(text[index]) else {
                index += 1
                continue
            }
            var end = index + 1
            while end < text.count, Self.isTerminator(text[end]) { end += 1 }
            let hard = text[index..<end].contains { $0 != "." && $0 != "…" }
            let dots = end - index
            while end < text.count, Self.closers.contains(text[end]) { end += 1 }
            let isWide = "。！？".contains(text[index])
            if isWide || end == text.count || text[end].isWhitespace {
                let next = text[min(end + 1, text.count)...]
                if isWide || next.isEmpty
                    || Self.opensSentence(next)
                        && (hard || dots > 1 || endsSentence(text, dot: index, start: start, next: next))
                {
                    sentences.append(String(text[start..<end]).trimmingWhitespace())
                    start = end
                }
            }
            index = end
        }
        let rest = String(text[start...]).trimmingWhitespace()
        return rest.isEmpty ? sentences : sentences + [rest]
    }

    private static let closers: Set<Character> = ["\"", "'", "”", "’", "»", "«", ")", "]", "“", "›", "‹"]
    private static let openers: Set<Character> = [
        "\"", "'", "“", "‘", "«", "»", "„", "(", "[", "¿", "¡", "‚", "›", "‹", "—", "–",
    ]

    private static func isTerminator(_ character: Character) -> Bool { ".!?…。！？؟।".contains(character) }

    /// A capital, a digit or a letter of a script without capitals, behind any opening marks.
    private static func opensSentence(_ next: ArraySlice<Character>) -> Bool {
        guard let first = next.first(where: { !openers.contains($0) && !$0.isWhitespace }) else { return false }
        return first.isUppercase || first.isNumber || (first.isLetter && !first.isLowercase)
            || !(first.isLetter || first.isPunctuation)
    }

    /// Whether the single full stop at `dot` ends a sentence rather than an abbreviation, initial or ordinal.
    private func endsSentence(_ text: [Character], dot: Int, start: Int, next: ArraySlice<Character>) -> Bool {
        var first = dot
        while first > start, !text[first - 1].isWhitespace, !Self.openers.contains(text[first - 1]) { first -= 1 }
        let word = String(text[first..<dot])
        let following = String(next.drop { Self.openers.contains($0) }.prefix { $0.isLetter || $0 == "’" || $0 == "'" })
        let isStarter = starters.contains(following.lowercased())
        if abbreviations.contains(word.lowercased()) { return false }
        if next.first(where: { !$0.isWhitespace })?.isNumber == true,
            Abbreviations.beforeNumbers.contains(word.lowercased())
        {
            return false
        }
        // "U.S.", "z.B.", "a.m.": ends a sentence only before a word that begins one.
        if word.contains("."), word.split(separator: ".").allSatisfy({ $0.count <= 2 && $0.allSatisfy(\.isLetter) }) {
            return isStarter
        }
        // An initial, but not "I" and not the unit behind a number.
        if word.count == 1, let letter = word.first, letter.isUppercase, letter != "I" || !isStarter {
            let isUnit = first >= 2 && text[first - 2].isNumber
            return isUnit || isStarter && first > start
        }
        if hasDottedOrdinals, word.count <= 2, word.allSatisfy(\.isNumber), !word.isEmpty { return isStarter }
        return true
    }
}
