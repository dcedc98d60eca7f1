import ArgumentParser
import ArtifactStores
import Fleet
import Foundation
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
            at: .voice, artifacts: { try $0.openArtifacts() },
            makeWork: { services in
                if let rehearsal = RehearsedWork(.voice, services) { return rehearsal }
                let settings = services.configuration
                return VoiceWork(
                    narrators: try settings.narrators(
                        by: settings.caller(), environment: ProcessInfo.processInfo.environment))
            })
    }
}
