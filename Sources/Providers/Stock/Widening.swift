import Production

/// The words that are looked for, one after the other until something is found: all of them, fewer, then what the wish says beside
/// them.
enum Widening {
    static func queries(for wish: StockWish) -> [String] {
        var queries: [String] = []
        let words = words(of: wish.about)
        // An answer to a question of many words is one that happens to have them all.
        for count in [6, 3, 1] where !words.isEmpty {
            add(longest(min(count, words.count), of: words), to: &queries)
        }
        for other in wish.widening { add(longest(4, of: Self.words(of: other)), to: &queries) }
        return queries
    }

    private static func add(_ words: [Substring], to queries: inout [String]) {
        let query = words.joined(separator: " ").lowercased()
        if !query.isEmpty, !queries.contains(query) { queries.append(query) }
    }

    /// Those that are long enough to say something, each once.
    private static func words(of text: String) -> [Substring] {
        var words: [Substring] = []
        for word in text.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "-" && $0 != "'" && $0 != "’" })
        {
            // A sign of Chinese or Japanese says as much as a word elsewhere.
            let isLong = word.count >= 3 || word.unicodeScalars.contains { $0.value >= 0x2E80 }
            let isKnown = words.contains { $0.lowercased() == word.lowercased() }
            if isLong && !isKnown { words.append(word) }
        }
        return words
    }

    /// In the order in which they stand. The longest words are the rarest: they say most of what is meant.
    private static func longest(_ count: Int, of words: [Substring]) -> [Substring] {
        let kept = words.enumerated().sorted { ($1.element.count, $0.offset) < ($0.element.count, $1.offset) }
            .prefix(count)
        return kept.sorted { $0.offset < $1.offset }.map(\.element)
    }
}
