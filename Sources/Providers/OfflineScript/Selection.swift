/// Chooses which sentences are told: the opening, the body in the source's order, the closing.
struct Selection {
    /// Indices of sentences, rising; never empty.
    private(set) var opening: [Int]
    private(set) var body: [Int]
    /// Empty when the article is too short to part with a sentence.
    private(set) var closing: [Int]

    /// `budget` is in words, `extra` of them spoken beside the sentences. Nil for an article without sentences.
    init?(_ article: Article, scores: SentenceScores, budget: Int, extra: Int) {
        let count = article.sentences.count
        guard count > 0 else { return nil }
        let room = budget - extra
        if article.words <= room + room / 20 || count <= 3 {
            // All of it: nothing to choose.
            opening = [0]
            closing = count >= 2 ? [count - 1] : []
            body = count >= 3 ? Array(1..<(count - 1)) : []
            return
        }
        let lead = Self.lead(article, scores)
        opening = [lead]
        closing = Self.end(article, scores, after: lead)
        body = []
        let used = (opening + closing).reduce(0) { $0 + article.sentences[$1].words }
        fill(article, scores, words: room - used)
    }

    /// The best of the first sentences that stands by itself; the very first unless it is poor.
    private static func lead(_ article: Article, _ scores: SentenceScores) -> Int {
        let first = article.sentences.indices.prefix(3).filter { !article.sentences[$0].pointsBack }
        return first.max { scores[$0] - 0.2 * Double($0) < scores[$1] - 0.2 * Double($1) } ?? 0
    }

    /// One of the last sentences, the more general the better; with the one before it where it points back.
    private static func end(_ article: Article, _ scores: SentenceScores, after lead: Int) -> [Int] {
        let count = article.sentences.count
        let candidates = max(lead + 2, count - 4)..<count
        func value(_ index: Int) -> Double {
            let sentence = article.sentences[index]
            var value = scores[index] - 0.08 * Double(count - 1 - index)
            if sentence.pointsBack { value -= 0.12 }
            if sentence.text.contains(where: \.isNumber) { value -= 0.15 }
            if sentence.words > 32 { value -= 0.3 }
            if sentence.words < 8 { value -= 0.2 }
            return value
        }
        guard let best = candidates.max(by: { value($0) < value($1) }) else { return [count - 1] }
        let needsBefore = article.sentences[best].pointsBack && best - 1 > lead
        let both = needsBefore && article.sentences[best].words + article.sentences[best - 1].words <= 45
        return both ? [best - 1, best] : [best]
    }

    private mutating func fill(_ article: Article, _ scores: SentenceScores, words: Int) {
        guard let first = opening.last, let last = closing.first, first + 1 < last else { return }
        var chosen: Set<Int> = Set(opening + closing)
        var told: Set<Int> = Set(chosen.map { article.sentences[$0].paragraph })
        var left = words
        let candidates = Array((first + 1)..<last)
        while true {
            var best: (chain: [Int], value: Double)?
            for index in candidates where !chosen.contains(index) {
                guard let chain = Self.chain(to: index, article, chosen) else { continue }
                let cost = chain.reduce(0) { $0 + article.sentences[$1].words }
                guard cost <= left + 4 else { continue }
                var value = chain.reduce(0) { $0 + scores[$1] } / Double(chain.count)
                if !told.contains(article.sentences[index].paragraph) { value += 0.2 }
                // Neighbours read as a text, scattered sentences as a list.
                if chosen.contains(chain[0] - 1) { value += 0.18 }
                if chosen.contains(index + 1) { value += 0.08 }
                if value > best?.value ?? -.infinity { best = (chain, value) }
            }
            guard let best else { break }
            for index in best.chain {
                chosen.insert(index)
                told.insert(article.sentences[index].paragraph)
                left -= article.sentences[index].words
            }
        }
        body = chosen.subtracting(opening).subtracting(closing).sorted()
    }

    /// The sentence with those before it that it can't be understood without; nil if they are too many.
    private static func chain(to index: Int, _ article: Article, _ chosen: Set<Int>) -> [Int]? {
        var chain = [index]
        while let first = chain.first, article.sentences[first].pointsBack, first > 0, !chosen.contains(first - 1) {
            guard chain.count < 3 else { return nil }
            chain.insert(first - 1, at: 0)
        }
        return chain
    }
}
