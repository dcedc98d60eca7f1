import OfflineScript

/// What a source says that can be checked by its words: numbers, names and quotations. Meaning can't be; a name or a figure that
/// the source does not have is how inventions show.
struct SourceFacts: Sendable {
    private let numbers: Set<String>
    /// In lower case.
    private let words: Set<String>
    /// The first four letters of each word: "Norwegian" of a source that says "Norway".
    private let stems: Set<String>
    /// All words in order, each between blanks.
    private let run: String
    private let language: String
    private let sameLanguage: Bool

    /// - Parameter also: what may be said beside the source: the channel's name, the brief, whom the story comes from.
    init(_ text: String, also: [String], language: String, sameLanguage: Bool) {
        numbers = SpokenNumbers.keys(of: text, language: sameLanguage ? language : "en")
            .union(SpokenNumbers.keys(of: text, language: language))
        let known = Self.words(in: ([text] + also).joined(separator: "\n")).map { $0.lowercased() }
        words = Set(known)
        stems = Set(known.filter { $0.count >= 4 }.map { String($0.prefix(4)) })
        run = " " + Self.words(in: text).map { $0.lowercased() }.joined(separator: " ") + " "
        (self.language, self.sameLanguage) = (language, sameLanguage)
    }

    /// What a text says that the source does not, each as it stands there.
    func strangers(in text: String) -> [String] {
        var found = strangeNumbers(in: text)
        guard sameLanguage else { return found }
        found += strangeNames(in: text) + strangeQuotations(in: text)
        return found.enumerated().filter { place, word in found.firstIndex(of: word) == place }.map(\.element)
    }

    private func strangeNumbers(in text: String) -> [String] {
        var found = SpokenNumbers.of(text).filter { number in
            !numbers.contains(SpokenNumbers.digits(number))
                && !number.split(whereSeparator: \.isWhitespace).allSatisfy {
                    numbers.contains(SpokenNumbers.digits($0))
                }
        }
        // "A thousand" is a figure; "one", "two" and the like are grammar as often.
        for word in text.lowercased().split(whereSeparator: { !$0.isLetter }) {
            guard let digits = NumberWords.of(language)[String(word)], digits.count >= 2, !numbers.contains(digits),
                !numbers.contains(where: { $0.hasSuffix(digits.dropFirst()) && digits.count > 2 })
            else { continue }
            found.append(String(word))
        }
        return found
    }

    /// Words with a capital inside a sentence, where the language writes only names so.
    private func strangeNames(in text: String) -> [String] {
        guard SpokenLanguage.namesHaveCapitals(in: language) else { return [] }
        let tokens = text.split(whereSeparator: \.isWhitespace)
        var found: [String] = []
        for (place, token) in tokens.enumerated() {
            let name = Self.bare(token)
            guard name.first?.isUppercase == true, !isKnown(name) else { continue }
            let startsSentence = place == 0 || Self.ends(tokens[place - 1]) || token.first.map(Self.isOpening) == true
            // At the beginning of a sentence every word has a capital; a name shows by a second one.
            let isFollowed =
                place + 1 < tokens.count && !Self.ends(token) && tokens[place + 1].first?.isUppercase == true
                && Self.bare(tokens[place + 1]) != "I"
            if !startsSentence || isFollowed { found.append(String(name)) }
        }
        return found
    }

    private func isKnown(_ name: Substring) -> Bool {
        let lower = name.lowercased()
        if lower == "i" || lower.hasPrefix("i'") || lower.hasPrefix("i’") { return true }
        if LanguageWords.of(language).stop.contains(lower) { return true }
        return Self.words(in: String(name)).allSatisfy { part in
            let part = part.lowercased()
            return words.contains(part) || part.count >= 4 && stems.contains(String(part.prefix(4)))
                || part.allSatisfy(\.isNumber)
        }
    }

    private func strangeQuotations(in text: String) -> [String] {
        var (found, rest): ([String], Substring) = ([], text[...])
        while let open = rest.firstIndex(where: { Self.closing[$0] != nil }) {
            let inside = rest[rest.index(after: open)...]
            guard let marks = Self.closing[rest[open]], let end = inside.firstIndex(where: marks.contains) else {
                break
            }
            let words = Self.words(in: String(inside[..<end])).map { $0.lowercased() }
            if !words.isEmpty, !run.contains(" " + words.joined(separator: " ") + " ") {
                found.append("“\(inside[..<end].prefix(80))”")
            }
            rest = inside[inside.index(after: end)...]
        }
        return found
    }

    private static let closing: [Character: Set<Character>] = [
        "“": ["”"], "„": ["“", "”"], "\"": ["\""], "«": ["»"], "»": ["«"],
    ]

    private static func words(in text: String) -> [Substring] {
        text.split { !$0.isLetter && !$0.isNumber && $0 != "'" && $0 != "’" }.map(bare).filter { !$0.isEmpty }
    }

    /// Without punctuation around it and without a possessive's ending.
    private static func bare(_ token: Substring) -> Substring {
        guard let first = token.firstIndex(where: { $0.isLetter || $0.isNumber }),
            let last = token.lastIndex(where: { $0.isLetter || $0.isNumber })
        else { return "" }
        let word = token[first...last]
        for ending in ["'s", "’s"] where word.hasSuffix(ending) { return word.dropLast(2) }
        return word
    }

    private static func ends(_ token: Substring) -> Bool {
        token.reversed().first { !"\"”’»«)]“".contains($0) }.map { ".!?…:;".contains($0) } ?? false
    }

    private static func isOpening(_ character: Character) -> Bool { "\"“„«»(‘".contains(character) }
}

extension SpokenLanguage {
    /// Whether a capital inside a sentence means a name: not in German, whose nouns all have one, and not in scripts without
    /// capitals.
    static func namesHaveCapitals(in language: String) -> Bool {
        ["en", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "nb", "no", "fi", "cs", "ru", "uk"].contains(
            base(language))
    }
}
