import ArgumentParser
import DiskArtifacts
import Fleet
import Foundation
import OfflineVoice
import Production
import Rehearsal

@main
struct VoiceWorker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ytempire-voice", abstract: "Speaks storyboards: makes the narration and its word timings.",
        version: Version.current)

    @OptionGroup var options: WorkerOptions

    func run() async throws {
        try await options.work(
            at: .voice, artifacts: { DiskArtifacts(root: URL(filePath: $0.artifacts)) },
            makeWork: { services in
                if let rehearsal = RehearsedWork(.voice, services) { return rehearsal }
                return VoiceWork(narrator: OfflineVoice())
            })
    }
}
