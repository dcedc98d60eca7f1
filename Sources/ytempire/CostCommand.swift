import ArgumentParser
import Fleet
import Foundation
import Ledger
import Production

struct CostCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cost", abstract: "What was spent, and on what.",
        subcommands: [Day.self, ForJob.self, ForUser.self])

    struct Day: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a money day: by stage, by provider and by user, against its ceiling.")

        @Argument(help: ArgumentHelp("Default: today, by the fleet's calendar.", valueName: "YYYY-MM-DD"))
        var day: ProductionDay?
        @OptionGroup var options: CommandOptions

        private struct Shown: Encodable {
            var day: String
            var counter: CounterReport?
            var byStage: [CostLine]
            var byProvider: [CostLine]
            var byUser: [CostLine]
        }

        func run(with services: FleetServices) async throws {
            let ledger = services.ledger
            let day = if let day { day.text } else { try await ledger.moneyDay() }
            let shown = Shown(
                day: day, counter: try await ledger.counter("day", day),
                byStage: try await ledger.costs(by: .stage, day: day),
                byProvider: try await ledger.costs(by: .provider, day: day),
                byUser: try await ledger.costs(by: .user, day: day))
            try show(shown) { shown in
                guard !shown.byStage.isEmpty else { return "Nothing was spent on \(shown.day).\n" }
                var text = "Spent on \(shown.day): \(Phrases.money(shown.byStage.map(\.amount).reduce(.zero, +)))"
                if let counter = shown.counter {
                    text += " of \(Phrases.money(counter.ceiling))"
                    if counter.held > .zero { text += ", \(Phrases.money(counter.held)) more held" }
                    if counter.overrun > .zero { text += ", \(Phrases.money(counter.overrun)) over" }
                }
                return text + "\n\n" + CostCommand.table("STAGE", shown.byStage) + "\n"
                    + CostCommand.table("PROVIDER AND ITEM", shown.byProvider) + "\n"
                    + CostCommand.table("USER", shown.byUser)
            }
        }
    }

    struct ForJob: FleetCommand {
        static let configuration = CommandConfiguration(commandName: "job", abstract: "Show a job's cost rows.")

        @Argument(help: "The job's number.") var job: JobNumber
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            let report = try await services.ledger.job(job.id)
            try show(await services.ledger.costs(of: job.id)) { rows in
                var table = Table(
                    "STAGE", "PROVIDER", "ITEM", "QUANTITY", "UNIT", "PRICE", "USD",
                    empty: "Nothing was spent on it yet.")
                for row in rows {
                    table.add(
                        row.stage.rawValue, row.provider, row.item, "\(row.quantity)", row.unit,
                        "\(MicroDollars(row.priceMicros)) for \(row.priceUnits)",
                        row.amount.description + (row.inDoubt ? " in doubt" : ""))
                }
                return table.text + (rows.isEmpty ? "" : "All together \(Phrases.money(report.cost)).\n")
            }
        }
    }

    struct ForUser: FleetCommand {
        static let configuration = CommandConfiguration(
            commandName: "user", abstract: "Show a user's spending, day by day.")

        @Argument(help: "The user's name.") var user: String
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            let user = try await services.ledger.user(named: user)
            try show(await services.ledger.costs(by: .day, user: user.id)) { lines in
                lines.isEmpty ? "Nothing was spent for \(user.name) yet.\n" : CostCommand.table("DAY", lines)
            }
        }
    }

    private static func table(_ title: String, _ lines: [CostLine]) -> String {
        var table = Table(title, "USD", "ROWS", "IN DOUBT", empty: "")
        for line in lines {
            table.add(
                line.group, line.amount.description, "\(line.rows)",
                line.inDoubt > .zero ? line.inDoubt.description : "")
        }
        return table.text
    }
}
