/// Finds the page and line breaks that read best: the cheapest way through all words, each page's cost being how badly
/// it ends, how long it stands and how full it is.
struct PageBreaker {
    let words: [TimedWord]
    let lineLength: Int
    /// On a page.
    var mostWords = Int.max
    /// A page that stands for less costs more.
    var leastSeconds = 0.8

    /// The ends of these pages are those of their last words.
    func pages() -> [Captions.Page] {
        var best: [(cost: Double, start: Int, split: Int)] = [(0, 0, 0)]
        for end in words.indices.map({ $0 + 1 }) {
            var choice = (cost: Double.infinity, start: end - 1, split: end)
            for start in stride(from: end - 1, through: 0, by: -1) {
                guard columns(start..<end) <= 2 * lineLength + 1, end - start <= mostWords else { break }
                guard let (split, splitCost) = split(start..<end) else { continue }
                let cost = best[start].cost + splitCost + pageCost(start..<end)
                if cost < choice.cost { choice = (cost, start, split) }
            }
            best.append(choice)
        }
        var pages: [Captions.Page] = []
        var end = words.count
        while end > 0 {
            let (_, start, split) = best[end]
            let lines =
                split < end ? [Array(words[start..<split]), Array(words[split..<end])] : [Array(words[start..<end])]
            pages.append(Captions.Page(lines: lines, start: words[start].start, end: words[end - 1].end))
            end = start
        }
        return pages.reversed()
    }

    private func columns(_ range: Range<Int>) -> Int {
        range.reduce(0) { sum, index in
            sum + TextWidth.columns(words[index].text) + (index > range.lowerBound && !words[index].isAttached ? 1 : 0)
        }
    }

    /// The best place to break a page into two lines; its end where one line is enough. Nil: it fits into no two.
    private func split(_ range: Range<Int>) -> (Int, cost: Double)? {
        if columns(range) <= lineLength { return (range.upperBound, 0) }
        var best: (Int, cost: Double)?
        for split in range.dropFirst() {
            let (upper, lower) = (columns(range.lowerBound..<split), columns(split..<range.upperBound))
            guard upper <= lineLength, lower <= lineLength else { continue }
            let cost = 0.5 * breakCost(after: split - 1) + 4 * Double(abs(upper - lower)) / Double(lineLength)
            if best.map({ cost < $0.cost }) ?? true { best = (split, cost) }
        }
        return best
    }

    private func pageCost(_ range: Range<Int>) -> Double {
        let seconds = words[range.upperBound - 1].end - words[range.lowerBound].start
        var cost = 3 + breakCost(after: range.upperBound - 1)
        if columns(range) * 4 < lineLength { cost += 5 }
        if seconds > 6 { cost += 4 * (seconds - 6) }
        if seconds < leastSeconds { cost += 5 }
        // A page that runs on over the end of a sentence, or over a silence.
        for index in range.dropLast() {
            if endsSentence(index) { cost += 8 }
            if pause(after: index) > 0.7 { cost += 12 }
        }
        return cost
    }

    /// 0 after a sentence, most inside a phrase.
    private func breakCost(after index: Int) -> Double {
        if index == words.count - 1 || endsSentence(index) { return 0 }
        if pause(after: index) > 0.3 { return 2 }
        if let last = bare(index).last, ",;:—–،؛、，：".contains(last) { return 3 }
        // Written without spaces, it may break anywhere, best where a reader would breathe.
        if words[index + 1].isAttached { return PhraseSplitter.endsPhrase(bare(index)) ? 5 : 9 }
        // An article or preposition belongs to what follows.
        return bare(index).count <= 3 ? 13 : 9
    }

    private func bare(_ index: Int) -> Substring {
        var text = words[index].text[...]
        while let last = text.last, "\"'”’»)]}」』）】》〉".contains(last) { text.removeLast() }
        return text
    }

    private func endsSentence(_ index: Int) -> Bool {
        guard let last = bare(index).last else { return false }
        return ".?!…。！？؟。۔।".contains(last)
    }

    private func pause(after index: Int) -> Double {
        index + 1 < words.count ? words[index + 1].start - words[index].end : 0
    }
}
