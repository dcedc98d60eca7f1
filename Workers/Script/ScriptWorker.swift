import ArgumentParser
import DiskArtifacts
import Feeds
import Fleet
import Foundation
import OfflineScript
import Production
import Rehearsal

@main
struct ScriptWorker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ytempire-script",
        abstract: "Writes storyboards: turns a channel's source into what is said and shown.",
        version: Version.current)

    @OptionGroup var options: WorkerOptions

    func run() async throws {
        try await options.work(
            at: .script, artifacts: { DiskArtifacts(root: URL(filePath: $0.artifacts)) },
            makeWork: { services in
                if let rehearsal = RehearsedWork(.script, services) { return rehearsal }
                let reader = FeedReader(allowPrivateAddresses: services.configuration.allowPrivateSources)
                return ScriptWork(scriptwriter: OfflineScriptwriter(reader: reader))
            })
    }
}
