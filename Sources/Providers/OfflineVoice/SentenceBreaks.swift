/// Where a text's sentences end, by its tokens.
package struct SentenceBreaks {
    private let language: String
    private let abbreviations: Abbreviations

    private let limit: Int

    /// - Parameter limit: tokens beyond which a sentence is cut, at a comma if there is one: an engine speaks a sentence as a
    ///   whole, and can't be interrupted in it.
    package init(language: String, limit: Int = 50) {
        (self.language, self.limit) = (language.primarySubtag, limit)
        abbreviations = Abbreviations(language: language)
    }

    /// Ranges of tokens, in order, none empty, together all tokens.
    package func sentences(in tokens: [Substring]) -> [Range<Int>] {
        var sentences: [Range<Int>] = []
        var start = 0
        for index in tokens.indices {
            let isLast = index + 1 == tokens.count
            if isLast || ends(tokens[index], before: tokens[index + 1]) {
                sentences += pieces(of: start..<(index + 1), in: tokens)
                start = index + 1
            }
        }
        return sentences
    }

    private func ends(_ token: Substring, before next: Substring) -> Bool {
        guard let mark = Pauses.closingMark(of: token) else { return false }
        switch mark {
        case "!", "?", "…", "。", "！", "？", "؟", "।", "۔":
            return next.first?.isLowercase != true
        case ".":
            let first = next.first { !"\"'“„«»‘(¿¡[".contains($0) }
            if first?.isLowercase == true || abbreviations.isInsideSentence(token) { return false }
            let body = token.drop { !$0.isLetter && !$0.isNumber }.prefix { $0 != "." }
            // An initial, as in “J. S. Bach” or “z. B.”.
            if body.count == 1, body.allSatisfy(\.isLetter), body != "I" { return false }
            // An ordinal number, as in “am 3. Oktober”.
            if Self.ordinalsByDot.contains(language), body.count <= 2, body.allSatisfy(\.isNumber) { return false }
            return true
        default: return false
        }
    }

    private func pieces(of sentence: Range<Int>, in tokens: [Substring]) -> [Range<Int>] {
        var pieces: [Range<Int>] = []
        var rest = sentence
        while rest.count > limit {
            let window = (rest.lowerBound + limit / 2)..<(rest.lowerBound + limit)
            let comma = window.last { ",;:—–".contains(Pauses.closingMark(of: tokens[$0]) ?? " ") }
            let end = (comma ?? window.upperBound - 1) + 1
            pieces.append(rest.lowerBound..<end)
            rest = end..<rest.upperBound
        }
        return pieces + [rest]
    }

    private static let ordinalsByDot: Set<String> = [
        "cs", "da", "de", "et", "fi", "hr", "hu", "is", "lb", "lv", "nb", "no", "pl", "sk", "sl", "sr", "tr",
    ]
}
