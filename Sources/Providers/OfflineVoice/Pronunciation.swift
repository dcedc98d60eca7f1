import Speech

/// What to say for each token of a text. Captions keep the tokens; only the engine hears this.
struct Pronunciation: Sendable {
    /// The letters that the voice can read. Others are transliterated.
    enum Letters: Sendable, Equatable { case ascii, latin, all }

    private let language: String
    private let letters: Letters
    private let connectives: Connectives

    /// An endless run without a blank, such as a base64 block, is not worth hearing; one in a script that has no blanks is
    /// a sentence.
    private static let runLimit = 100

    /// - Parameter language: BCP 47
    init(language: String, letters: Letters) {
        self.language = language.primarySubtag
        self.letters = letters
        connectives = Connectives(language: language)
    }

    /// One list for each token; an empty one for a token that is not said, such as an emoji or a dash, whose pause is
    /// given to the word before it.
    func words(for tokens: [Substring]) -> [[SpokenWord]] {
        let abbreviations = Abbreviations(language: language)
        var all: [[SpokenWord]] = []
        all.reserveCapacity(tokens.count)
        var money: Money?
        var begun: String?
        for (index, token) in tokens.enumerated() {
            let bare = BareToken(token)
            var words: [String]
            if let rest = begun {
                begun = nil
                all.append(spoken([(rest, nil)], pause: bare.pause == .stop ? nil : bare.pause))
                continue
            }
            if index + 1 < tokens.count,
                let (first, second) = abbreviations.expansion(of: bare.withDot, BareToken(tokens[index + 1]).withDot)
            {
                all.append(spoken([(first, nil)], pause: nil))
                begun = second
                continue
            }
            if let expansion = abbreviations.expansion(of: bare.withDot) {
                words = expansion.split(separator: " ").map(String.init)
                // Its dot ends a sentence only as the last token.
                let pause = index + 1 == tokens.count || bare.pause != .stop ? bare.pause : nil
                all.append(spoken(words.map { ($0, nil) }, pause: pause))
                continue
            }
            if let host = WebAddress(bare.text) {
                words = host.words(connectives)
                all.append(spoken(words.map { ($0, nil) }, pause: bare.pause))
                continue
            }
            var pieces = bare.pieces(connectives)
            if letters == .ascii {
                let next = index + 1 < tokens.count ? tokens[index + 1] : nil
                (pieces, money) = EnglishSymbols.spellOut(pieces, next: next, owed: money)
            }
            all.append(spoken(pieces, pause: bare.pause))
            if all[index].isEmpty, let pause = bare.pause { addPause(pause, toLastOf: &all) }
        }
        return all
    }

    private func spoken(_ pieces: [(text: String, pause: SpokenWord.Pause?)], pause: SpokenWord.Pause?) -> [SpokenWord]
    {
        var all: [SpokenWord] = []
        for piece in pieces {
            var words = readable(piece.text).split(separator: " ").map { SpokenWord(clipped($0)) }
            words.removeAll { !$0.text.contains(where: Self.isHeard) }
            if !words.isEmpty { words[words.count - 1].pause = piece.pause }
            all += words
        }
        if !all.isEmpty, let pause { all[all.count - 1].pause = pause }
        return all
    }

    private static func isHeard(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character.isCurrencySymbol || "%&@+=°§".contains(character)
    }

    private func readable(_ text: String) -> String {
        switch letters {
        case .all: text
        case .latin: text.unicodeScalars.allSatisfy(\.isReadAsLatin) ? text : Transliteration.latin(text)
        case .ascii: text.utf8.allSatisfy { $0 < 0x80 } ? text : Transliteration.ascii(text)
        }
    }

    private func clipped(_ word: Substring) -> String {
        letters == .all && word.unicodeScalars.contains { !$0.isReadAsLatin }
            ? String(word) : String(word.prefix(Self.runLimit))
    }

    private func addPause(_ pause: SpokenWord.Pause, toLastOf all: inout [[SpokenWord]]) {
        guard let token = all.lastIndex(where: { !$0.isEmpty }) else { return }
        let word = all[token].count - 1
        if all[token][word].pause == nil { all[token][word].pause = pause }
    }
}

extension Unicode.Scalar {
    /// Latin letters with all their marks, and what is no letter at all.
    var isReadAsLatin: Bool {
        value < 0x0300 || (0x1E00..<0x1F00).contains(value) || !properties.isAlphabetic
    }
}
