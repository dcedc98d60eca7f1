import Speech

/// The chosen voice.
struct Speaker: Sendable {
    let choice: VoiceChoice
    let flite: Flite
    let espeak: Espeak

    /// Silence left around what is heard, in seconds: enough for a slope without a click.
    static let margin = 0.01

    /// One sentence, without the silence around it.
    func speak(_ sentence: [[SpokenWord]], speed: Double) async throws(SpeechError) -> Utterance {
        let utterance =
            switch choice {
            case .flite: try await flite.speak(sentence, speed: speed)
            case .espeak(let voice): try await espeak.speak(sentence, voice: voice, speed: speed)
            }
        return utterance.trimmed(margin: Self.margin)
    }
}
