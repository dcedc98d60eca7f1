import OfflineVoice
import Production

/// What is spoken in one call: a part of one scene.
struct Passage: Sendable, Equatable {
    /// Index into `Storyboard.scenes`.
    let scene: Int
    /// As captions show them.
    let tokens: [Substring]
    /// What is heard before and after it, for the voice's melody; empty where it is spoken by itself.
    var before = ""
    var after = ""
    /// Seconds of silence until the scene's next; zero for its last.
    let pause: Double

    /// As it is sent: white space is one blank, so that equal phrases are equal requests.
    var text: String { tokens.joined(separator: " ") }

    /// Whether there is a word in it, or only marks.
    var canBeSaid: Bool { tokens.contains { $0.contains { $0.isLetter || $0.isNumber } } }

    /// As providers count: Unicode's code points.
    var characters: Int { text.unicodeScalars.count }
}

/// A storyboard's narration, cut into what is spoken at once.
///
/// A scene of the story is one passage: a voice needs some sentences to find its melody, and a call that fails, or is lost,
/// costs one scene and not the video. What comes back in other videos of the channel is spoken by itself, without anything
/// around it: said again, it is found and not paid for. A storyboard says what that is; of one that does not know, every
/// sentence of its opening and its closing is taken for such.
struct Passages: Sendable {
    let all: [Passage]

    /// Characters of what is told of the passages before and after.
    private static let contextLength = 300
    /// Sentences with fewer characters are spoken together with the next: of a word alone a voice makes something odd.
    private static let shortest = 24

    /// - Parameters:
    ///   - longest: characters that a passage has at most. A single token that is longer stays whole.
    ///   - hasContext: whether the voice is told what lies around a passage.
    init(_ storyboard: Storyboard, longest: Int, hasContext: Bool) {
        let breaks = SentenceBreaks(language: storyboard.language, limit: .max)
        var all: [Passage] = []
        var isAlone: [Bool] = []
        for (index, scene) in storyboard.scenes.enumerated() {
            let tokens = spokenTokens(of: scene.narration)
            let mayRepeat = scene.kind != .body && scene.phrases == nil
            let (before, after) = scene.phraseRanges(in: tokens)
            let told = (before.last?.upperBound ?? 0)..<(after.first?.lowerBound ?? tokens.count)
            for (range, isPhrase) in before.map({ ($0, true) }) + [(told, false)] + after.map({ ($0, true) }) {
                let sentences = breaks.sentences(in: Array(tokens[range])).map {
                    (range.lowerBound + $0.lowerBound)..<(range.lowerBound + $0.upperBound)
                }
                let pieces = sentences.flatMap { Self.pieces(of: $0, in: tokens, longest: longest) }
                let parts = Self.joined(pieces, in: tokens, longest: mayRepeat ? Self.shortest : longest, mayRepeat)
                isAlone += parts.map { _ in isPhrase || mayRepeat }
                all += parts.map { part in
                    Passage(
                        scene: index, tokens: Array(tokens[part]),
                        pause: part.upperBound == tokens.count
                            ? 0 : Pauses.afterSentence(ending: tokens[part.upperBound - 1])
                    )
                }
            }
        }
        if hasContext {
            for index in all.indices where !isAlone[index] {
                if index > 0 { all[index].before = Self.end(of: all[index - 1].tokens) }
                if index + 1 < all.count { all[index].after = Self.beginning(of: all[index + 1].tokens) }
            }
        }
        self.all = all
    }

    /// Joins sentences that follow each other: as many as fit, or, where each should be by itself, only until there is enough
    /// to say.
    private static func joined(
        _ sentences: [Range<Int>], in tokens: [Substring], longest: Int, _ isRepeated: Bool
    ) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        for sentence in sentences {
            if let last = parts.last {
                let both = last.lowerBound..<sentence.upperBound
                if isRepeated ? length(last, tokens) < longest : length(both, tokens) <= longest {
                    parts[parts.count - 1] = both
                    continue
                }
            }
            parts.append(sentence)
        }
        return parts
    }

    /// A sentence that is too long, in parts: at the last comma that fits, else at the last blank.
    private static func pieces(of sentence: Range<Int>, in tokens: [Substring], longest: Int) -> [Range<Int>] {
        var pieces: [Range<Int>] = []
        var rest = sentence
        while rest.count > 1, length(rest, tokens) > longest {
            var end = rest.lowerBound + 1
            while end < rest.upperBound, length(rest.lowerBound..<(end + 1), tokens) <= longest { end += 1 }
            let comma = (rest.lowerBound..<end).last { ",;:—–".contains(Pauses.closingMark(of: tokens[$0]) ?? " ") }
            if let comma, comma - rest.lowerBound >= (end - rest.lowerBound) / 2 { end = comma + 1 }
            pieces.append(rest.lowerBound..<end)
            rest = end..<rest.upperBound
        }
        return pieces + [rest]
    }

    private static func length(_ range: Range<Int>, _ tokens: [Substring]) -> Int {
        tokens[range].reduce(range.count - 1) { $0 + $1.unicodeScalars.count }
    }

    private static func end(of tokens: [Substring]) -> String {
        var (words, length): ([Substring], Int) = ([], 0)
        for token in tokens.reversed() {
            length += token.count + 1
            if length > contextLength { break }
            words.append(token)
        }
        return words.reversed().joined(separator: " ")
    }

    private static func beginning(of tokens: [Substring]) -> String {
        var (words, length): ([Substring], Int) = ([], 0)
        for token in tokens {
            length += token.count + 1
            if length > contextLength { break }
            words.append(token)
        }
        return words.joined(separator: " ")
    }
}
