package import FoundationEssentials
package import Production
import Speech

/// Narrates without an account anywhere: English with flite, all other languages with espeak-ng.
package struct OfflineVoice: Narrator {
    package let provider: ProviderName

    private let flite: Flite
    private let espeak = Espeak()

    package init(provider: ProviderName = "offline") { self.init(provider: provider, flite: Flite()) }

    init(provider: ProviderName = "offline", flite: Flite) { (self.provider, self.flite) = (provider, flite) }

    /// Spends nothing.
    package func speak(
        _ storyboard: Storyboard, voice: String?, to file: URL, spending: any Spending
    ) async throws -> SpokenStory {
        SpokenStory(try await speak(storyboard, voice: voice, to: file), provider: provider)
    }

    /// Speaks the scenes in order, one sentence after the other, so that memory does not grow with the text and a
    /// cancelled task is noticed between two sentences. A file that was not completed is removed.
    ///
    /// - Parameter voice: `cmu_us_slt`, or the name or identifier of an espeak-ng voice (`German`, `gmw/de`), whatever the
    ///   storyboard's language; nil for the best one for that language.
    package func speak(
        _ storyboard: Storyboard, voice: String?, to file: URL
    ) async throws(StageFailure) -> Narration {
        let asked = "speak “\(storyboard.title)” in \(storyboard.language)"
        do {
            return try await narrate(storyboard, voice: voice, asked: asked, to: file)
        } catch {
            // Nothing else can be done for a file that is not complete; the failure below is what counts.
            try? FileManager.default.removeItem(at: file)
            throw error
        }
    }

    private func narrate(
        _ storyboard: Storyboard, voice: String?, asked: String, to file: URL
    ) async throws(StageFailure) -> Narration {
        let speaker = try await speaker(named: voice, language: storyboard.language, asked: asked)
        let pronunciation = Pronunciation(language: storyboard.language, letters: speaker.choice.letters)
        let script = SpokenScript(storyboard, pronunciation: pronunciation)
        if let scene = script.firstEmptyScene {
            throw StageFailure(
                .permanent, provider: provider, asked: asked,
                answer: "scene \(scene + 1) of \(script.scenes.count) has no narration to speak")
        }
        guard !script.scenes.isEmpty else {
            throw StageFailure(.permanent, provider: provider, asked: asked, answer: "the storyboard has no scenes")
        }
        do {
            return try await Performance(script: script, speaker: speaker, voice: speaker.choice.name).record(to: file)
        } catch { throw failure(error, asked: asked) }
    }

    func speaker(named voice: String?, language: String, asked: String) async throws(StageFailure) -> Speaker {
        let available: [EspeakVoice]
        do { available = try await espeak.voices() } catch { throw failure(error, asked: asked) }
        do {
            let choice = try VoiceChoice(named: voice, for: language, of: available)
            return Speaker(choice: choice, flite: flite, espeak: espeak)
        } catch { throw StageFailure(.permanent, provider: provider, asked: asked, answer: error.description) }
    }

    /// What an engine says about a text it would say again; a full disk or a missing package may be mended meanwhile.
    func failure(_ error: SpeechError, asked: String) -> StageFailure {
        switch error.code {
        case .notSpoken, .unknownVoice, .format:
            StageFailure(.permanent, provider: provider, asked: asked, answer: error.description)
        case .engineUnavailable, .cancelled, .file:
            StageFailure(.transient(), provider: provider, asked: asked, answer: error.description)
        }
    }
}
