/// Tells sentences that point back to the one before them.
enum BackReference {
    static func begins(_ sentence: String, _ vocabulary: LanguageWords) -> Bool {
        let words = Terms.words(in: String(sentence.prefix(80))).prefix(4).map { $0.lowercased() }
        guard !words.isEmpty else { return false }
        if vocabulary.backwardInside.contains(where: sentence.lowercased().contains) { return true }
        return (1...words.count).contains { vocabulary.backward.contains(words.prefix($0).joined(separator: " ")) }
    }
}
