import ArgumentParser
import ArtifactStores
import Fleet
import Foundation
import Ledger
import Media
import Production

struct CutCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cut", abstract: "The edit of a video: what is seen, written and heard, and when.",
        subcommands: [Show.self])

    struct Show: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the edit by which a job's video was rendered.",
            discussion: """
                A line a shot: when it begins, what is seen and how it comes in, what is written over it, what is said. \
                With --json the whole cut; drawn pictures and the narration are told by name, since their files are gone.

                Examples:
                  ytempire cut show 17
                  ytempire cut show 17 --json > cut.json
                """)

        @Argument(help: "The job's number.") var job: JobNumber
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            let file = try await file(.cut, of: job.id, from: services)
            let cut: Cut
            do {
                cut = try JSONDecoder().decode(Cut.self, from: Data(contentsOf: file))
            } catch {
                throw LedgerError(.invalid, "The cut of job \(job.id) can't be read: \(error)")
            }
            try show(cut) { CutTimeline(cut: $0, job: job.id).text }
        }
    }
}

/// A file that a job's stages made.
///
/// - Throws: `LedgerError`, saying why there is none.
func file(_ kind: Artifact.Kind, of job: Job.ID, from services: FleetServices) async throws -> URL {
    let report = try await services.ledger.job(job)
    guard let made = try await services.ledger.artifacts(of: job).first(where: { $0.kind == kind }),
        let id = Artifact.ID(hex: made.sha256)
    else {
        let isOver = report.state.isFinished || report.stage > kind.stage
        throw LedgerError(
            .notFound,
            "Job \(job) has no \(kind.rawValue)"
                + (isOver
                    ? ": its files have been deleted, or were made by an earlier version."
                    : " yet: it is \(report.state.rawValue) at \(report.stage.rawValue)."))
    }
    do {
        return try await services.configuration.openArtifacts().file(of: id)
    } catch let fault as ArtifactFault {
        throw LedgerError(.invalid, "The \(kind.rawValue) of job \(job): \(fault)")
    }
}
