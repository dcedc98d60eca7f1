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
        if best == nil { return single(words, avoiding: used) }
        return best.map { $0.phrase.prefix(1).uppercased() + $0.phrase.dropFirst() }
    }

    /// "The keeper": the article's most frequent single noun, where there is no longer phrase.
    private func single(_ words: [Word], avoiding used: Set<String>) -> String? {
        let nouns = words.indices.dropFirst().filter { index in
            let (word, article) = (words[index], words[index - 1])
            guard isContent(word), vocabulary.articles.contains(article.lower), !article.endsClause else {
                return false
            }
            // Elsewhere a German article may stand in another case.
            if vocabulary.capitalisesNouns, !word.isCapital || index > 1 { return false }
            return word.text.allSatisfy { $0.isLetter } && word.lower.count > 2
                && !used.contains(Terms.stem(word.lower))
                && (index + 1 == words.count || word.endsClause || !isContent(words[index + 1]))
        }
        let best = nouns.max {
            frequencies[Terms.stem(words[$0].lower)] ?? 0 < frequencies[Terms.stem(words[$1].lower)] ?? 0
        }
        return best.map {
            words[$0 - 1].lower.prefix(1).uppercased() + words[$0 - 1].lower.dropFirst() + " " + words[$0].text
        }
    }

    // MARK: Phrases

    private func beginsPhrase(_ index: Int, _ words: [Word]) -> Bool {
        guard isContent(words[index]) else { return false }
        let isNumber = words[index].text.allSatisfy { $0.isNumber || $0.isPunctuation }
        if isNumber, index + 1 == words.count || !isContent(words[index + 1]) { return false }
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
            if vocabulary.capitalisesNouns, words[index].isCapital, isContent(words[index + 1]),
                !words[index + 1].isCapital
            {
                return closes(index, start, words) ? found + [index] : found  // a verb
            }
            if isContent(words[index + 1]) {
                if isEnglish, isLikelyVerb(index + 1, start, words) {
                    return closes(index, start, words) ? found + [index] : found
                }
                if !isEnglish, !vocabulary.capitalisesNouns, !bothNames(words[index], words[index + 1]) {
                    // Whether the next word is an adjective or a verb can't be told.
                    return joined ? found + [index] : found
                }
                index += 1
                continue
            }
            // "tool use": a noun that looks like a verb is cut off.
            if words[index + 1].lower.hasPrefix("use") { return found }
            if closes(index, start, words) { found.append(index) }
            guard !joined, let next = connected(index, words), next - start < Self.longest else { return found }
            (index, joined) = (next, true)
        }
        return found
    }

    private func closes(_ index: Int, _ start: Int, _ words: [Word]) -> Bool {
        guard index > start, !words[index].lower.hasSuffix("'s"), !words[index].lower.hasSuffix("’s") else {
            return false
        }
        return !vocabulary.capitalisesNouns || words[index].isCapital
    }

    /// English verbs of the third person look like plurals. Only the last noun of a phrase is in the plural, and no noun
    /// stands directly in front of another phrase.
    private func isLikelyVerb(_ index: Int, _ start: Int, _ words: [Word]) -> Bool {
        let word = words[index]
        guard word.lower.hasSuffix("s"), !word.isCapital, word.lower.count > 3,
            !["ss", "us", "is", "ics", "'s", "’s", "lens", "series", "species", "news"].contains(
                where: word.lower.hasSuffix)
        else { return false }
        if start > 0, Self.singulars.contains(words[start - 1].lower) { return true }
        // "while the animal swims"
        if start > 1, Self.subordinators.contains(words[start - 2].lower) { return true }
        guard !word.endsClause, index + 1 < words.count, !words[index + 1].startsClause else { return false }
        return isContent(words[index + 1]) || Self.behindVerbs.contains(words[index + 1].lower)
    }

    private static let singulars: Set<String> = ["a", "an", "every", "each", "this", "one", "that", "another"]
    private static let subordinators: Set<String> = [
        "while", "when", "if", "because", "until", "before", "after", "that", "which", "how", "where", "since",
        "whether",
        "although", "though", "once", "unless", "than", "what",
    ]
    private static let behindVerbs: Set<String> = [
        "the", "a", "an", "its", "their", "his", "her", "our", "it", "them", "him", "us", "this", "these", "almost",
        "only",
        "like", "against", "into", "onto", "off", "up", "down", "through", "across", "away", "around", "out", "over",
        "past",
        "toward", "towards", "along", "back", "that", "what", "how", "to", "more", "less", "so", "about", "no", "one",
        "two",
        "together", "every", "each", "all", "some", "many", "several", "very", "too", "not", "never", "as", "apart",
        "because",
    ]

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
        // German adjectives in the dative make no title: "wenigen Sekunden".
        if vocabulary.capitalisesNouns, let first = span.first, !first.isCapital,
            ["en", "em"].contains(where: first.lower.hasSuffix)
        {
            value -= 0.4
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
