import ArgumentParser
import Fleet
import Foundation
import Ledger

struct QuotaCommand: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "quota",
        abstract: "What providers grant a day, how much of it is used, and when it is filled again.",
        discussion: """
            YouTube grants a project 100 uploads, 100 searches and 10,000 units for everything else a day, and fills them \
            again at midnight in California. More is granted on request, never by another project.
            """)

    @OptionGroup var options: CommandOptions

    private struct Shown: Encodable {
        var resetsAt: Date
        var quotas: [QuotaUse]
    }

    func run(with services: FleetServices) async throws {
        let quotas = LedgerQuotas(services.ledger)
        let shown = Shown(resetsAt: try await quotas.nextReset(), quotas: try await quotas.uses())
        let clock = services.clock
        try show(shown) { shown in
            var table = Table(
                "PROVIDER", Column("OF", .clipped), "WHAT", "USED", "LIMIT", "LEFT", "SINCE", "REFUSED UNTIL",
                empty: "Nothing was taken of any quota today.")
            for use in shown.quotas {
                table.add(
                    use.provider, use.owner, use.bucket, "\(use.used)", "\(use.limit)",
                    "\(max(0, use.limit - use.used))", use.day, use.exhaustedUntil.map { clock.moment($0) } ?? "")
            }
            return table.text + "They are filled again at midnight in California: \(clock.moment(shown.resetsAt)).\n"
        }
    }
}
