import ArgumentParser
import DiskArtifacts
import Fleet
import Foundation
import HTTP
import Logging
import OfflinePublisher
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
            at: .upload, artifacts: { DiskArtifacts(root: URL(filePath: $0.artifacts)) },
            beside: { await tellTheWorld($0, $1) },
            makeWork: { services in
                let settings = services.configuration
                let upload = UploadWork(
                    publisher: OfflinePublisher(
                        root: URL(filePath: settings.published),
                        baseURL: settings.publishedURL.flatMap { URL(string: $0) }))
                if let rehearsal = RehearsedWork(.upload, services, publishing: upload) { return rehearsal }
                return upload
            })
    }
}

/// The upload workers, since they alone may reach the internet anywhere, deliver the webhooks too.
@Sendable private func tellTheWorld(_ services: FleetServices, _ logger: Logger) async {
    let settings = services.configuration.webhooks
    guard !settings.urls.isEmpty else { return }
    do {
        let http = try HTTPCaller(.init(agent: "ytempire/\(Version.current)"))
        await WebhookSender(
            ledger: services.ledger, http: http, targets: settings.urls.compactMap { WebhookTarget($0.value) },
            secret: settings.secret, token: settings.token, logger: logger
        ).run()
    } catch {
        logger.error("webhooks can't be delivered", metadata: [LogKey.error: "\(error)"])
    }
}
