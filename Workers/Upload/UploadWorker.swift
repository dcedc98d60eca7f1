import ArgumentParser
import DiskArtifacts
import Fleet
import Foundation
import OfflinePublisher
import Production
import Rehearsal

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
                let upload = UploadWork(
                    publisher: OfflinePublisher(
                        root: URL(filePath: settings.published),
                        baseURL: settings.publishedURL.flatMap { URL(string: $0) }))
                if let rehearsal = RehearsedWork(.upload, services, publishing: upload) { return rehearsal }
                return upload
            })
    }
}
