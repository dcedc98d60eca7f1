import ArgumentParser
import Fleet
import Ledger

struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Who changed what by hand, when and why.", subcommands: [List.self])

    struct List: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what people did, the latest first.",
            discussion: """
                Kept are retries, cancels, redos, reviews, drops, requests for videos, pauses, stops and drains, and \
                changes of users and channels, with their --reason.

                Examples:
                  ytempire audit list --job 17
                  ytempire audit list --by anna --limit 200
                """)

        @Option(help: "Only what changed this job.") var job: JobNumber?
        @Option(name: .customLong("by"), help: ArgumentHelp("Only by this person.", valueName: "login")) var who:
            String?
        @Option(help: "How many at most.") var limit = 50
        @OptionGroup var options: CommandOptions

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit is 1 to 10000.") }
        }

        func run(with services: FleetServices) async throws {
            if let job { _ = try await services.ledger.job(job.id) }
            try show(await services.ledger.audits(of: job?.id, by: who, limit: limit)) { audits in
                guard !audits.isEmpty else {
                    let what = job.map { "job \($0.id)" } ?? "anything"
                    return who.map { "Nobody whose login has “\($0)” in it has changed \(what) by hand.\n" }
                        ?? "Nobody has changed \(what) by hand.\n"
                }
                return audits.flatMap { audit in
                    var what = "\(audit.action) \(audit.subject)"
                    let jobs = audit.jobs.prefix(10).map { "\($0)" }.joined(separator: ", ")
                    if audit.count == 1, audit.subject != jobs { what += " (job \(jobs))" }
                    if audit.count > 1 { what += " (\(audit.count) jobs: \(jobs)\(audit.count > 10 ? ", …" : ""))" }
                    if !audit.reason.isEmpty { what += ": \(audit.reason)" }
                    return [
                        "\(services.clock.moment(audit.at))  \(audit.who) on \(audit.host)"
                    ] + wrapped(what, indent: 4)
                }.map { $0 + "\n" }.joined()
            }
        }
    }
}
