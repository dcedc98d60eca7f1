/// The words that a text is about.
enum KeyWords {
    /// As they stand in the text, the most telling ones, in the text's order, each stem once.
    static func of(_ text: String, count: Int, _ vocabulary: LanguageWords, _ frequencies: [String: Int]) -> [String] {
        var seen: Set<String> = []
        var found: [(place: Int, word: String, value: Double)] = []
        for (place, word) in Terms.words(in: text).enumerated() {
            let lower = word.lowercased()
            guard lower.count >= 3, lower.contains(where: \.isLetter), !vocabulary.stop.contains(lower),
                !vocabulary.verbs.contains(lower), seen.insert(Terms.stem(lower)).inserted
            else { continue }
            let isName = place > 0 && word.first?.isUppercase == true
            found.append((place, String(word), Double(frequencies[Terms.stem(lower)] ?? 0) + (isName ? 1 : 0)))
        }
        let best = found.sorted { ($1.value, $0.place) < ($0.value, $1.place) }.prefix(count)
        return best.sorted { $0.place < $1.place }.map(\.word)
    }
}
