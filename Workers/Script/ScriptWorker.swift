import ArgumentParser
import ArtifactStores
import Fleet
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
            at: .script, artifacts: { try $0.openArtifacts() },
            makeWork: { services in
                if let rehearsal = RehearsedWork(.script, services) { return rehearsal }
                let settings = services.configuration
                return ScriptWork(
                    scriptwriter: try settings.scriptwriter(by: settings.caller()),
                    needsAccount: settings.publishTo == .youTube)
            })
    }
}
