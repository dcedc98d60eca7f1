/// Finds a few words that name what a scene is about: a noun phrase of its own, never half of one.
struct Headline {
    private struct Word {
        var text: Substring
        var lower: String
        /// Something pauses behind it.
        var endsClause: Bool
        var startsClause: Bool
        var isCapital: Bool
    }

    static let longest = 6

    private let vocabulary: LanguageWords
    private let frequencies: [String: Int]
    private let isEnglish: Bool

    init(language: String, frequencies: [String: Int]) {
        vocabulary = LanguageWords.of(language)
        self.frequencies = frequencies
        isEnglish = language.lowercased().hasPrefix("en")
    }

    /// The best phrase of two to six words whose words are not all told by `used`, with a capital; nil if there is none.
    func phrase(in text: String, avoiding used: Set<String>) -> String? {
        let words = words(of: text)
        var best: (phrase: String, value: Double)?
        for start in words.indices where beginsPhrase(start, words) {
            for end in ends(of: start, words) {
                let span = words[start...end]
                let terms = Set(span.compactMap { isContent($0) ? Terms.stem($0.lower) : nil })
                guard terms.count >= 2, !terms.isSubset(of: used) else { continue }
                let value = value(of: span, after: start > 0 ? words[start - 1] : nil, isFirst: start == 0, terms, used)
                if value > best?.value ?? 0 { best = (span.map(\.text).joined(separator: " "), value) }
            }
        }
        return best.map { $0.phrase.prefix(1).uppercased() + $0.phrase.dropFirst() }
    }

    // MARK: Phrases

    private func beginsPhrase(_ index: Int, _ words: [Word]) -> Bool {
        guard isContent(words[index]) else { return false }
        guard index > 0, !words[index].startsClause, !words[index - 1].endsClause else { return true }
        let before = words[index - 1]
        // Romance nouns come before what describes them; a noun begins behind an article or a preposition.
        return !isContent(before) || (vocabulary.capitalisesNouns && words[index].isCapital && !before.isCapital)
    }

    /// Places where a phrase that begins at `start` is whole.
    private func ends(of start: Int, _ words: [Word]) -> [Int] {
        var (found, index, joined): ([Int], Int, Bool) = ([], start, false)
        while index - start < Self.longest {
            let isLast = index + 1 == words.count || words[index].endsClause || words[index + 1].startsClause
            if isLast { return closes(index, start, words) ? found + [index] : found }
            if isContent(words[index + 1]) {
                if !isEnglish, !vocabulary.capitalisesNouns, !bothNames(words[index], words[index + 1]) {
                    // Whether the next word is an adjective or a verb can't be told.
                    return joined ? found + [index] : found
                }
                index += 1
                continue
            }
            if closes(index, start, words) { found.append(index) }
            guard !joined, let next = connected(index, words), next - start < Self.longest else { return found }
            (index, joined) = (next, true)
        }
        return found
    }

    private func closes(_ index: Int, _ start: Int, _ words: [Word]) -> Bool {
        guard index > start else { return false }
        return !vocabulary.capitalisesNouns || words[index].isCapital
    }

    private func bothNames(_ one: Word, _ two: Word) -> Bool { one.isCapital && two.isCapital }

    /// The content word behind a connector that follows `index`.
    private func connected(_ index: Int, _ words: [Word]) -> Int? {
        for length in [2, 1] where index + length + 1 < words.count {
            let between = words[(index + 1)...(index + length)]
            guard !between.contains(where: \.endsClause),
                vocabulary.connectors.contains(between.map(\.lower).joined(separator: " ")),
                isContent(words[index + length + 1])
            else { continue }
            return index + length + 1
        }
        return nil
    }

    // MARK: Words

    private func words(of text: String) -> [Word] {
        text.split(whereSeparator: \.isWhitespace).flatMap { word -> [Word] in
            let bare = Terms.trimmed(word)
            guard !bare.isEmpty else { return [] }
            // A full stop inside stays ("U.S."), one behind goes.
            let parts = bare.split(separator: "—")
            return parts.enumerated().map { place, part in
                Word(
                    text: part, lower: part.lowercased(),
                    endsClause: place < parts.count - 1 || bare.endIndex < word.endIndex,
                    startsClause: place > 0 || bare.startIndex > word.startIndex,
                    isCapital: part.first?.isUppercase == true)
            }
        }
    }

    private func isContent(_ word: Word) -> Bool {
        guard !vocabulary.stop.contains(word.lower), word.lower.count > 1 || word.text.first?.isNumber == true else {
            return false
        }
        guard isEnglish, !word.isCapital else { return true }
        if vocabulary.verbs.contains(word.lower) || word.lower.contains("'") && !word.lower.hasSuffix("'s") {
            return false
        }
        return !["ed", "ly", "n't"].contains { word.lower.count > 4 && word.lower.hasSuffix($0) }
    }

    private func value(
        of span: ArraySlice<Word>, after before: Word?, isFirst: Bool, _ terms: Set<String>, _ used: Set<String>
    ) -> Double {
        let most = Double(frequencies.values.max() ?? 1)
        var value = terms.subtracting(used).reduce(0.2) { $0 + Double(frequencies[$1] ?? 0) / most }
        if let last = span.last, last.text.allSatisfy({ $0.isNumber || $0.isPunctuation }) { value -= 0.6 }
        if let first = span.first, first.text.first?.isNumber == true { value -= 0.1 }
        if span.dropFirst().contains(where: \.isCapital), !vocabulary.capitalisesNouns { value += 0.25 }
        // Behind an article or a preposition it surely is a noun phrase; at the beginning of a sentence it may hide a verb.
        if isEnglish {
            value += before.map { Self.introductions.contains($0.lower) && !$0.endsClause ? 0.35 : -0.25 } ?? -0.1
        }
        if isEnglish, span.last?.lower.hasSuffix("ing") == true { value -= 0.3 }
        return value - 0.08 * Double(abs(span.count - 3))
    }

    private static let introductions: Set<String> = [
        "the", "a", "an", "its", "their", "his", "her", "our", "this", "these", "those", "every", "each", "of", "in",
        "on",
        "with", "by", "from", "for", "into", "at", "as", "called", "no", "some", "many", "most", "two", "three", "four",
        "five",
        "first", "new", "old", "small", "big", "than", "like",
    ]
}
