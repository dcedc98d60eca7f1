/// Parts what is too long to be said in one breath.
enum LongSentence {
    private static let longest = 55
    private static let aim = 28

    /// The sentence itself if it is short enough; otherwise pieces at its own semicolons, dashes or commas, or, in text
    /// without any, after a number of words. Nothing is added or lost.
    static func pieces(of sentence: String) -> [String] {
        let words = sentence.split(separator: " ")
        guard words.count > longest else { return [sentence] }
        let pieces = max(2, (words.count + aim - 1) / aim)
        var (result, start): ([String], Int) = ([], 0)
        for piece in 1..<pieces {
            let ideal = words.count * piece / pieces
            let window = max(start + 8, ideal - aim / 2)..<max(start + 8, min(words.count - 4, ideal + aim / 2))
            let cut =
                [";", "—", "–", ","].lazy.compactMap { mark in
                    window.filter { words[$0].hasSuffix(mark) }.min { abs($0 - ideal) < abs($1 - ideal) }
                }.first ?? ideal
            guard cut > start, cut < words.count - 1 else { continue }
            result.append(words[start...cut].joined(separator: " "))
            start = cut + 1
        }
        return result + [words[start...].joined(separator: " ")]
    }
}
