extension Storyboard.Scene {
    /// Where among the narration's tokens its phrases stand: some at the beginning, some at the end, in between what is said in
    /// this video alone. A phrase that the narration does not have there is none.
    package func phraseRanges(in tokens: [Substring]) -> (before: [Range<Int>], after: [Range<Int>]) {
        var phrases = (phrases ?? []).map(spokenTokens(of:)).filter { !$0.isEmpty }[...]
        var (before, after): ([Range<Int>], [Range<Int>]) = ([], [])
        var rest = tokens.indices
        while let phrase = phrases.first, tokens[rest].starts(with: phrase) {
            before.append(rest.lowerBound..<(rest.lowerBound + phrase.count))
            rest = (rest.lowerBound + phrase.count)..<rest.upperBound
            phrases.removeFirst()
        }
        while let phrase = phrases.last, tokens[rest].suffix(phrase.count).elementsEqual(phrase) {
            after.insert((rest.upperBound - phrase.count)..<rest.upperBound, at: 0)
            rest = rest.lowerBound..<(rest.upperBound - phrase.count)
            phrases.removeLast()
        }
        return (before, after)
    }

    /// What is said in this video alone: the narration without its phrases.
    package var told: String {
        let tokens = spokenTokens(of: narration)
        let (before, after) = phraseRanges(in: tokens)
        let rest = (before.last?.upperBound ?? 0)..<(after.first?.lowerBound ?? tokens.count)
        return tokens[rest].joined(separator: " ")
    }
}

extension Storyboard {
    /// The same, with the channel's greeting said first and its farewell last.
    package func framed(by brief: Channel.Brief) -> Storyboard {
        var framed = self
        if let greeting = brief.greeting, let first = framed.scenes.indices.first {
            framed.scenes[first].narration = "\(greeting) \(framed.scenes[first].narration)"
            framed.scenes[first].phrases = [greeting] + (framed.scenes[first].phrases ?? [])
        }
        if let farewell = brief.farewell, let last = framed.scenes.indices.last {
            framed.scenes[last].narration += " \(farewell)"
            framed.scenes[last].phrases = (framed.scenes[last].phrases ?? []) + [farewell]
        }
        return framed
    }
}
