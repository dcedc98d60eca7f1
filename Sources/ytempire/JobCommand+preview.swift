import ArgumentParser
import Fleet
import Foundation
import Ledger
import Media
import Production

extension JobCommand {
    struct Preview: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Draw a contact sheet of a job's video: the whole of it at a glance.",
            discussion: """
                For jobs whose video is rendered, published or not; what is held for review, for example.

                Examples:
                  ytempire job preview 17                  writes job-17.png
                  ytempire job preview 17 -o sheet.jpg
                """)

        @Argument(help: "The job's number.") var job: JobNumber
        @Option(
            name: .shortAndLong,
            help: ArgumentHelp("Where to; JPEG where it ends so, else PNG. Default: job-JOB.png.", valueName: "file"))
        var output: String?
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            let video = try await file(.video, of: job.id, from: services)
            let path = output ?? "job-\(job.id).png"
            let drawn: Void? = try await Interruption.cancelling {
                do {
                    try await ContactSheet(ofVideo: video.path(percentEncoded: false)).write(to: path)
                } catch {
                    throw LedgerError(.refused, "The contact sheet can't be drawn: \(error)")
                }
            }
            guard drawn != nil else {
                complain("interrupted; nothing is left behind")
                throw ExitCode(130)
            }
            try show(["file": path]) { _ in "\(path) shows job \(job.id)'s video.\n" }
        }
    }
}
