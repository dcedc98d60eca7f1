import Production
import Speech

/// A storyboard's narration cut into sentences, with what to say for each of its tokens and how long to pause.
struct SpokenScript: Sendable {
    struct Sentence: Sendable {
        /// As captions show them.
        let tokens: [Substring]
        /// What is said for each token.
        let words: [[SpokenWord]]
        /// Seconds of silence after it; zero for a scene's last, whose scene has its own.
        let pause: Double
    }

    struct Scene: Sendable {
        let sentences: [Sentence]
        /// Seconds of silence until the next scene, or the end.
        let pause: Double
    }

    let scenes: [Scene]

    init(_ storyboard: Storyboard, pronunciation: Pronunciation) {
        scenes = storyboard.scenes.enumerated().map { index, scene in
            let tokens = spokenTokens(of: scene.narration)
            let ranges = SentenceBreaks(language: storyboard.language).sentences(in: tokens)
            let words = pronunciation.words(for: tokens)
            let sentences = ranges.map { range in
                Sentence(
                    tokens: Array(tokens[range]), words: Array(words[range]),
                    pause: range.upperBound == tokens.count
                        ? 0 : Pauses.afterSentence(ending: tokens[range.upperBound - 1])
                )
            }
            let next = index + 1 < storyboard.scenes.count ? storyboard.scenes[index + 1].kind : nil
            return Scene(
                sentences: sentences,
                pause: Pauses.afterScene(index, scene.kind, ending: tokens.last ?? "", before: next))
        }
    }

    /// Its index; nil when every scene has at least one token.
    var firstEmptyScene: Int? { scenes.firstIndex { $0.sentences.isEmpty } }

    var sentences: [Sentence] { scenes.flatMap(\.sentences) }
}
