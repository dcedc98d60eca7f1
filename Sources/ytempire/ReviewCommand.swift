import ArgumentParser
import ArtifactStores
import Fleet
import Foundation
import Ledger
import Production

struct ReviewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "review", abstract: "Videos that await a person before they are published.",
        discussion: "A channel asks for review with `ytempire channel edit USER CHANNEL --review`.",
        subcommands: [List.self, Approve.self, Reject.self])

    struct List: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the videos that await review, and where to watch them.")

        @Option(help: "The user's name.") var user: String?
        @OptionGroup var options: CommandOptions

        private struct Shown: Encodable {
            var job: JobReport
            var video: String?
            /// Why there is no path.
            var trouble: String?
        }

        func run(with services: FleetServices) async throws {
            // Looked up first: a name that is not there is told.
            let name = if let user { try await services.ledger.user(named: user).name } else { String?.none }
            let filter = Ledger.JobFilter(state: .held, user: name)
            // Where this host does not see the store, or its keys are not at hand, the list is still worth showing.
            let lacking = services.configuration.lackingOfBucket.map(\.description).joined(separator: "; ")
            let store = lacking.isEmpty ? try services.configuration.openArtifacts() : nil
            var awaiting: [Shown] = []
            for job in try await services.ledger.jobs(filter, limit: 1_000) where job.heldBecause == "review" {
                let artifacts = try await services.ledger.artifacts(of: Job.ID(job.id))
                var (path, trouble): (String?, String?) = (nil, lacking.isEmpty ? nil : lacking)
                if let store, let video = artifacts.first(where: { $0.kind == .video }),
                    let id = Artifact.ID(hex: video.sha256)
                {
                    do {
                        path = try await store.file(of: id).path(percentEncoded: false)
                    } catch {
                        try Task.checkCancellation()
                        trouble = "\(error)"
                    }
                }
                awaiting.append(Shown(job: job, video: path, trouble: trouble))
            }
            try show(awaiting) { awaiting in
                guard !awaiting.isEmpty else { return "Nothing awaits review.\n" }
                return awaiting.flatMap { entry in
                    let job = entry.job
                    return wrapped(job.title ?? "", indent: 4, first: "\(job.id)  ")
                        + wrapped(
                            "\(job.user) on \(job.channel), \(job.day), held since \(services.clock.moment(job.updatedAt))",
                            indent: 4)
                        + (entry.video.map { ["    \($0)"] }
                            ?? wrapped(
                                "the video is not to be had from here\(entry.trouble.map { ": \($0)" } ?? "")",
                                indent: 4))
                }.map { $0 + "\n" }.joined()
                    + "\n`ytempire review approve JOB` publishes, `ytempire review reject JOB --reason …` ends it.\n"
            }
        }
    }

    struct Approve: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let videos that await review be published.",
            discussion: """
                Examples:
                  ytempire review approve 17
                  ytempire review approve --channel News --yes
                """)

        @Argument(help: "Jobs' numbers.") var jobs: [JobNumber] = []
        @OptionGroup(title: "Which jobs") var filters: JobFilters
        @OptionGroup(title: "How") var hand: Hand
        @OptionGroup var options: CommandOptions

        func validate() throws { try validate(jobs, filters) }

        func run(with services: FleetServices) async throws {
            try await act(
                .approve, named: jobs, filters: filters, hand: hand, action: "review approve", with: services)
        }
    }

    struct Reject: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "End videos that await review: they are cancelled, and kept with their history.",
            discussion: """
                `ytempire job redo JOB --from script` makes another in its place.

                Example:
                  ytempire review reject 17 --reason "mispronounces the name"
                """)

        @Argument(help: "Jobs' numbers.") var jobs: [JobNumber] = []
        @OptionGroup(title: "Which jobs") var filters: JobFilters
        @OptionGroup(title: "How") var hand: Hand
        @OptionGroup var options: CommandOptions

        func validate() throws { try validate(jobs, filters) }

        func run(with services: FleetServices) async throws {
            try await act(
                .reject, named: jobs, filters: filters, hand: hand, action: "review reject", with: services)
        }
    }
}
