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
                Kept are retries, cancels, redos, reviews, drops, pauses, stops and drains, with their --reason.

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
            try show(await services.ledger.audits(of: job?.id, by: who, limit: limit)) { audits in
                guard !audits.isEmpty else { return "Nobody has changed anything by hand.\n" }
                return audits.flatMap { audit in
                    var what = "\(audit.action) \(audit.subject)"
                    if audit.count > 0 { what += " (\(audit.count) \(audit.count == 1 ? "job" : "jobs"))" }
                    if !audit.reason.isEmpty { what += ": \(audit.reason)" }
                    return [
                        "\(services.clock.moment(audit.at))  \(audit.who) on \(audit.host)"
                    ] + wrapped(what, indent: 4)
                }.map { $0 + "\n" }.joined()
            }
        }
    }
}
