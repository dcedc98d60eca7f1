import Production

/// Words that a channel must not say or show.
enum ForbiddenWords {
    /// Whether a text has a word or phrase, whatever its case, as a whole: "cat" is not in "category". In scripts without blanks
    /// anywhere.
    static func contains(_ phrase: String, in text: String) -> Bool {
        let phrase = Array(plain(phrase))
        let text = Array(plain(text))
        guard !phrase.isEmpty, phrase.count <= text.count, let first = phrase.first, let last = phrase.last else {
            return false
        }
        return (0...(text.count - phrase.count)).contains { start in
            guard text[start] == first, text[start..<(start + phrase.count)].elementsEqual(phrase) else { return false }
            let (before, behind) = (start - 1, start + phrase.count)
            let opens = before < 0 || !isLetter(first) || !isLetter(text[before])
            return opens && (behind >= text.count || !isLetter(last) || !isLetter(text[behind]))
        }
    }

    /// The first of a channel's that a storyboard says or shows.
    static func first(of channel: Channel, in storyboard: Storyboard) -> String? {
        let texts =
            [storyboard.title, storyboard.description] + storyboard.tags
            + storyboard.scenes.flatMap { [$0.narration, $0.heading] }
        return channel.brief.forbidden.first { word in texts.contains { contains(word, in: $0) } }
    }

    private static func plain(_ text: String) -> String {
        text.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// Of a script that puts blanks between words.
    private static func isLetter(_ character: Character) -> Bool {
        guard character.isLetter || character.isNumber, let scalar = character.unicodeScalars.first else {
            return false
        }
        return !(0x0E00...0x0EFF).contains(scalar.value) && !(0x3040...0x9FFF).contains(scalar.value)
    }
}
