package import Production
import Speech

/// Words as the offline voice says them, and when each is heard: what other recordings of the same words are compared
/// with.
package struct ReferenceSpeech: Sendable {
    package let sampleRate: Int
    /// Mono
    package let samples: [Int16]
    /// One for each token, in seconds; nil for one that is not said, such as a dash.
    package let times: [Range<Double>?]
}

extension OfflineVoice {
    /// Seconds between two sentences.
    private static let rest = 0.25

    /// Speaks the tokens of a text, sentence after sentence, with the best voice for the language, at its own speed.
    package func reference(
        for tokens: [Substring], language: String
    ) async throws(StageFailure) -> ReferenceSpeech {
        let asked = "speak \(tokens.count) words in \(language), to find them in a recording"
        let speaker = try await speaker(named: nil, language: language, asked: asked)
        let words = Pronunciation(language: language, letters: speaker.choice.letters).words(for: tokens)
        var samples: [Int16] = []
        var times: [Range<Double>?] = []
        var rate = 16_000
        for sentence in SentenceBreaks(language: language).sentences(in: tokens) {
            let utterance: Utterance
            do {
                utterance = try await speaker.speak(Array(words[sentence]), speed: 1)
            } catch { throw failure(error, asked: asked) }
            rate = utterance.sound.sampleRate
            let start = samples.count
            times += utterance.spans.map { span in
                span.map {
                    (Double(start + $0.lowerBound) / Double(rate))..<(Double(start + $0.upperBound) / Double(rate))
                }
            }
            samples += utterance.sound.samples
            samples += [Int16](repeating: 0, count: Int(Self.rest * Double(rate)))
        }
        return ReferenceSpeech(sampleRate: rate, samples: samples, times: times)
    }
}
