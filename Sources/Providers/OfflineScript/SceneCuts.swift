/// Cuts a run of sentences into scenes.
enum SceneCuts {
    static let mostSentences = 3

    /// Contiguous groups of one to three sentences, about equally long, cut where a paragraph ends and before no sentence
    /// that points back, as far as that goes. `count` is a wish: as many as needed are made.
    static func groups(of indices: [Int], in article: Article, count: Int) -> [[Int]] {
        guard !indices.isEmpty else { return [] }
        let least = (indices.count + mostSentences - 1) / mostSentences
        let count = min(max(count, least), indices.count)
        let words = indices.map { article.sentences[$0].words }
        let aim = Double(words.reduce(0, +)) / Double(count)
        // best[n][i]: the cheapest way to cut the first i sentences into n groups, and where its last group begins.
        var best = [[(cost: Double, start: Int)]](
            repeating: Array(repeating: (.infinity, 0), count: indices.count + 1), count: count + 1)
        best[0][0] = (0, 0)
        for n in 1...count {
            for end in 1...indices.count {
                for start in max(0, end - mostSentences)..<end where best[n - 1][start].cost < .infinity {
                    let length = Double(words[start..<end].reduce(0, +))
                    var cost = best[n - 1][start].cost + (length - aim) * (length - aim) / max(1, aim)
                    if start > 0 { cost += penalty(cutting: indices[start - 1], indices[start], article) }
                    if cost < best[n][end].cost { best[n][end] = (cost, start) }
                }
            }
        }
        var (groups, end): ([[Int]], Int) = ([], indices.count)
        for n in stride(from: count, to: 0, by: -1) {
            let start = best[n][end].start
            groups.insert(Array(indices[start..<end]), at: 0)
            end = start
        }
        return groups
    }

    private static func penalty(cutting before: Int, _ after: Int, _ article: Article) -> Double {
        let (one, two) = (article.sentences[before], article.sentences[after])
        if one.heading != two.heading { return -6 }
        if one.paragraph != two.paragraph { return -2 }
        return two.pointsBack ? 8 : 0
    }
}
