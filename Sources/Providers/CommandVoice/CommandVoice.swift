package import FoundationEssentials
import Narrating
import OfflineVoice
package import Production
import Speech

/// Narrates with a program of this machine, such as piper, one scene at a time. The times of the words are found by the
/// offline voice.
package struct CommandVoice: Narrator {
    package let provider: ProviderName
    private let commands: [String: VoiceCommand]
    private let environment: [String]
    private let timing: TimedByOfflineVoice

    /// The language of a command that speaks all those without one of their own.
    package static let anyLanguage = "*"
    /// Seconds of silence left around what is heard.
    private static let margin = 0.01
    /// What a program may know of the worker's environment, in which there may be secrets.
    private static let variables: Set<String> = [
        "PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LD_LIBRARY_PATH",
        "CUDA_VISIBLE_DEVICES",
        "OMP_NUM_THREADS", "ESPEAK_DATA_PATH",
    ]

    /// - Parameters:
    ///   - commands: by language, BCP 47: for `de-AT` that of `de-AT`, else of `de`, else of `anyLanguage`.
    ///   - environment: the worker's own, of which a command is told what every program may know, and what begins with
    ///     `LC_`.
    package init(
        _ commands: [String: VoiceCommand], environment: [String: String], provider: ProviderName = "command"
    ) {
        self.provider = provider
        self.commands = Dictionary(
            commands.map { ($0.key.lowercased(), $0.value) }, uniquingKeysWith: { first, _ in first })
        self.environment = environment.filter { Self.variables.contains($0.key) || $0.key.hasPrefix("LC_") }
            .map { "\($0.key)=\($0.value)" }.sorted()
        timing = TimedByOfflineVoice(provider: provider)
    }

    /// Nil where no command speaks the language.
    package func command(for language: String) -> VoiceCommand? {
        var subtags = language.lowercased().split { $0 == "-" || $0 == "_" }
        while !subtags.isEmpty {
            if let command = commands[subtags.joined(separator: "-")] { return command }
            subtags.removeLast()
        }
        return commands[Self.anyLanguage]
    }

    /// Spends nothing.
    package func speak(
        _ storyboard: Storyboard, voice: String?, to file: URL, spending: any Spending
    ) async throws -> SpokenStory {
        SpokenStory(try await speak(storyboard, voice: voice, to: file), provider: provider)
    }

    /// Speaks the scenes in order. A file that was not completed is removed.
    ///
    /// - Parameter voice: what a command's `{voice}` stands for; a plain name.
    package func speak(
        _ storyboard: Storyboard, voice: String?, to file: URL
    ) async throws(StageFailure) -> Narration {
        let asked = "speak “\(storyboard.title)” in \(storyboard.language)"
        func refused(_ why: String) -> StageFailure {
            StageFailure(.permanent, provider: provider, asked: asked, answer: why)
        }
        guard let command = command(for: storyboard.language) else {
            throw refused("no command is configured for the language “\(storyboard.language)”")
        }
        guard !storyboard.scenes.isEmpty else { throw refused("the storyboard has no scenes") }
        if let scene = storyboard.scenes.firstIndex(where: { spokenTokens(of: $0.narration).isEmpty }) {
            throw refused("scene \(scene + 1) of \(storyboard.scenes.count) has no narration to speak")
        }
        if command.takes(.voice) {
            guard let voice else { throw refused("\(command.name) is called with a voice, and the channel has none") }
            // It becomes an argument, or a part of a path.
            guard voice.first != "-", voice.first != ".",
                !voice.contains(where: { $0 == "/" || $0.isNewline || $0 == "\0" })
            else { throw refused("“\(voice)” is not a plain name of a voice") }
        }
        let speaker = CommandSpeaker(
            command, environment: environment, provider: provider,
            folder: URL(filePath: file.path + ".scenes"))
        do {
            let narration = try await narrate(storyboard, voice: voice, asked: asked, with: speaker, command, to: file)
            await speaker.close()
            return narration
        } catch {
            await speaker.close()
            // Nothing else can be done for a file that is not complete; the failure is what counts.
            try? FileManager.default.removeItem(at: file)
            throw error
        }
    }

    private func narrate(
        _ storyboard: Storyboard, voice: String?, asked: String, with speaker: CommandSpeaker, _ command: VoiceCommand,
        to file: URL
    ) async throws(StageFailure) -> Narration {
        var narration = SceneBySceneNarration(of: storyboard, to: file)
        for (index, scene) in storyboard.scenes.enumerated() {
            let tokens = spokenTokens(of: scene.narration)
            let reference = try await timing.reference(for: tokens, language: storyboard.language)
            let sound: Sound
            if reference.times.allSatisfy({ $0 == nil }) {
                // Nothing in it can be said; its tokens are shown all the same.
                sound = Sound(silence: min(max(0.5, Double(tokens.count) * 0.2), 3))
            } else {
                sound = try await speaker.speak(
                    tokens.joined(separator: " "), language: storyboard.language, voice: voice
                ).trimmed(margin: Self.margin)
            }
            do {
                let timed = try await timing.times(of: tokens, as: reference, in: sound)
                try await narration.append(sound, times: timed.times)
            } catch let failure as StageFailure {
                throw StageFailure(
                    failure.kind, provider: provider, asked: failure.asked,
                    answer: "scene \(index + 1) of \(storyboard.scenes.count): \(failure.answer)")
            } catch { throw self.failure(error, asked: asked) }
        }
        do { return try await narration.finished(voice: command.name) } catch { throw failure(error, asked: asked) }
    }

    private func failure(_ error: any Error, asked: String) -> StageFailure {
        StageFailure(.transient(), provider: provider, asked: asked, answer: "\(error)")
    }
}
