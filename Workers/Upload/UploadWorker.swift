import ArgumentParser
import ArtifactStores
import Fleet
import Foundation
import Logging
import Production
import Rehearsal
import Telemetry
import Webhooks

@main
struct UploadWorker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ytempire-upload", abstract: "Publishes videos.", version: Version.current)

    @OptionGroup var options: WorkerOptions

    func run() async throws {
        try await options.work(
            at: .upload, artifacts: { try $0.openArtifacts() },
            beside: { await tellTheWorld($0, $1) },
            makeWork: { services in
                let upload = try services.uploadWork(
                    by: services.configuration.caller(), environment: ProcessInfo.processInfo.environment)
                if let rehearsal = RehearsedWork(.upload, services, publishing: upload) { return rehearsal }
                return upload
            })
    }
}

/// The upload workers, who have the fewest things to do, deliver the webhooks too.
@Sendable private func tellTheWorld(_ services: FleetServices, _ logger: Logger) async {
    let settings = services.configuration.webhooks
    guard !settings.urls.isEmpty else { return }
    do {
        let http = try services.configuration.caller()
        await WebhookSender(
            ledger: services.ledger, http: http, targets: settings.urls.compactMap { WebhookTarget($0.value) },
            secret: settings.secret, token: settings.token, logger: logger
        ).run()
    } catch {
        logger.error("webhooks can't be delivered", metadata: [LogKey.error: "\(error)"])
    }
}
