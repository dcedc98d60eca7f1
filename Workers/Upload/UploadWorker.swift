import ArgumentParser
import DiskArtifacts
import Fleet
import Foundation
import OfflinePublisher
import Production

@main
struct UploadWorker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ytempire-upload", abstract: "Publishes videos.", version: Version.current)

    @OptionGroup var options: WorkerOptions

    func run() async throws {
        try await options.work(
            at: .upload, artifacts: { DiskArtifacts(root: URL(filePath: $0.artifacts)) },
            makeWork: { services in
                let settings = services.configuration
                return UploadWork(
                    publisher: OfflinePublisher(
                        root: URL(filePath: settings.published),
                        baseURL: settings.publishedURL.flatMap { URL(string: $0) }))
            })
    }
}
