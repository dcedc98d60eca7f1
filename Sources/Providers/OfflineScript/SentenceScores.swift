/// How much each sentence is worth telling: what it speaks of is what the article speaks of, it stands at the beginning
/// of something, is of a good length, and names things or numbers.
struct SentenceScores {
    private let values: [Double]

    init(_ article: Article) {
        let most = Double(article.frequencies.values.max() ?? 1)
        values = article.sentences.indices.map { index in
            let sentence = article.sentences[index]
            let weights = sentence.terms.map { Double(article.frequencies[$0] ?? 0) / most }
            var score = weights.isEmpty ? 0 : weights.reduce(0, +) / Double(max(6, weights.count))
            if index == 0 || article.sentences[index - 1].paragraph != sentence.paragraph { score += 0.2 }
            if index < 3 { score += 0.15 }
            if !(6...28).contains(sentence.words) {
                score -= sentence.words < 6 ? 0.25 : 0.01 * Double(sentence.words - 28) + 0.1
            }
            if sentence.text.contains(where: \.isNumber) { score += 0.08 }
            // A capital inside a sentence is mostly a name.
            if sentence.text.split(separator: " ").dropFirst().contains(where: { $0.first?.isUppercase == true }) {
                score += 0.06
            }
            if sentence.text.last == "?" { score -= 0.15 }
            if Self.hasOddQuotes(sentence.text) { score -= 0.35 }
            if sentence.text.contains("(") { score -= 0.05 }
            return score
        }
    }

    subscript(_ index: Int) -> Double { values[index] }

    /// One half of a quotation.
    private static func hasOddQuotes(_ text: String) -> Bool {
        let straight = text.count { $0 == "\"" }
        let (open, close) = (text.count { "“«„".contains($0) }, text.count { "”»".contains($0) })
        return !straight.isMultiple(of: 2) || (text.contains("„") ? open + text.count { $0 == "“" } < 2 : open != close)
    }
}
