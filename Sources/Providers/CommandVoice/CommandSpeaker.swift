import Blocking
import FoundationEssentials
import Production
import Speech

/// Has a command speak one text at a time. Its files and its waiting are off the cooperative pool.
actor CommandSpeaker {
    private let executor = BlockingExecutor(label: "voice command")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let command: VoiceCommand
    private let environment: [String]
    private let provider: ProviderName
    /// Holds what goes to the command and comes from it; removed by `close()`.
    private let folder: URL

    init(_ command: VoiceCommand, environment: [String], provider: ProviderName, folder: URL) {
        (self.command, self.environment, self.provider, self.folder) = (command, environment, provider, folder)
    }

    /// Removes what is left of the commands' files.
    func close() { try? FileManager.default.removeItem(at: folder) }

    /// The command's sound for one line of text.
    func speak(_ text: String, language: String, voice: String?) throws(StageFailure) -> Sound {
        let asked = "have \(command.name) speak \(text.count) characters in \(language)"
        let product = folder.appending(path: "speech.wav")
        let script = folder.appending(path: "text.txt")
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            if FileManager.default.fileExists(atPath: product.path) { try FileManager.default.removeItem(at: product) }
            try Data((text + "\n").utf8).write(to: script)
        } catch {
            throw StageFailure(
                .transient(), provider: provider, asked: asked, answer: "its files could not be made: \(error)")
        }
        let run = CommandRun(
            arguments: command.filled([
                .output: product.path, .textFile: script.path, .language: language, .voice: voice ?? "",
            ]), environment: environment, folder: folder.path,
            input: command.takes(.textFile) ? nil : script.path,
            output: command.takes(.output) ? nil : product.path, product: product.path)
        let ending: CommandRun.Ending
        do { ending = try run.ending(within: command.timeLimit) } catch {
            throw StageFailure(.transient(), provider: provider, asked: asked, answer: error.reason)
        }
        if let reason = complaint(about: ending.kind) {
            let words = ending.lastWords.isEmpty ? "without a word" : ending.lastWords
            throw StageFailure(.transient(), provider: provider, asked: asked, answer: "\(reason): \(words)")
        }
        guard let bytes = try? Data(contentsOf: product) else {
            let words = ending.lastWords.isEmpty ? "" : ": \(ending.lastWords)"
            throw StageFailure(.permanent, provider: provider, asked: asked, answer: "it wrote no WAV file\(words)")
        }
        do {
            return try Sound(decoding: [UInt8](bytes), named: "what it wrote")
        } catch { throw StageFailure(.permanent, provider: provider, asked: asked, answer: error.description) }
    }

    /// Nil for a good end.
    private func complaint(about kind: CommandRun.Ending.Kind) -> String? {
        switch kind {
        case .exited(0): nil
        case .exited(let status): "it ended with status \(status)"
        case .signalled(let signal): "it was killed by signal \(signal)"
        case .timedOut: "it was not done after \(command.timeLimit)"
        case .wroteTooMuch: "it wrote more than \(CommandRun.sizeLimit) bytes"
        case .cancelled: "it was cancelled"
        }
    }
}
