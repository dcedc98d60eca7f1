import ArgumentParser
import Fleet
import Foundation
import Ledger
import Production

struct CostCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cost", abstract: "What was spent, on what, and against which ceiling.",
        discussion: """
            Spent is what the ledger has; held is reserved for calls under way; in doubt is counted as spent although \
            nobody knows whether it was billed; overrun is what lies above a ceiling.
            """,
        subcommands: [Day.self, ForJob.self, ForUser.self, ForChannel.self, ForProvider.self])

    /// What every `cost` command but `job` prints with `--json`.
    struct Statement: Encodable {
        /// What it is about.
        var of: String
        var total: MicroDollars
        var inDoubt: MicroDollars
        /// The ceilings that apply, with what is held, spent and above them.
        var counters: [CounterReport]
        var byDay: [CostLine]?
        var byStage: [CostLine]?
        var byProvider: [CostLine]?
        var byItem: [CostLine]?
        var byUser: [CostLine]?
        var byChannel: [CostLine]?

        init(of: String, summing lines: [CostLine], counters: [CounterReport] = []) {
            (self.of, self.counters) = (of, counters)
            total = lines.map(\.amount).reduce(.zero, +)
            inDoubt = lines.map(\.inDoubt).reduce(.zero, +)
        }

        var text: String {
            guard total > .zero || !counters.isEmpty else { return "Nothing was spent \(of).\n" }
            var lines = [
                "Spent \(of): \(Phrases.money(total))"
                    + (inDoubt > .zero ? ", of it in doubt \(Phrases.money(inDoubt))" : "")
            ]
            if !counters.isEmpty { lines += ["", CostCommand.table(counters).trimmingNewline] }
            for (title, part) in [
                ("DAY", byDay), ("STAGE", byStage), ("PROVIDER", byProvider), ("PROVIDER AND ITEM", byItem),
                ("USER", byUser), ("CHANNEL", byChannel),
            ] {
                guard let part, !part.isEmpty else { continue }
                lines += ["", CostCommand.table(title, part).trimmingNewline]
            }
            return lines.joined(separator: "\n") + "\n"
        }
    }

    struct Day: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a money day: against its ceilings, by stage, provider, user.",
            discussion: "Example:\n  ytempire cost day 2026-11-20")

        @Argument(help: ArgumentHelp("Default: today, by the fleet's calendar.", valueName: "YYYY-MM-DD"))
        var day: ProductionDay?
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            let ledger = services.ledger
            let day = if let day { day.text } else { try await ledger.moneyDay() }
            let counters = try await [ledger.counter("day", day)].compactMap { $0 } + ledger.providerCounters(day: day)
            let stages = try await ledger.costs(by: .stage, day: day)
            var statement = Statement(of: "on \(day)", summing: stages, counters: counters)
            statement.byStage = stages
            statement.byItem = try await ledger.costs(by: .item, day: day)
            statement.byUser = try await ledger.costs(by: .user, day: day)
            try show(statement) { $0.text }
        }
    }

    struct ForJob: FleetCommand {
        static let configuration = CommandConfiguration(
            commandName: "job", abstract: "Show a job's cost rows, and its ceiling.",
            discussion: "Example:\n  ytempire cost job 17")

        @Argument(help: "The job's number.") var job: JobNumber
        @OptionGroup var options: CommandOptions

        private struct Shown: Encodable {
            var job: Int64
            var total: MicroDollars
            var counter: CounterReport?
            var rows: [CostRow]
        }

        func run(with services: FleetServices) async throws {
            let report = try await services.ledger.job(job.id)
            let counter = try await services.ledger.counter("video", "\(job.id)")
            let rows = try await services.ledger.costs(of: job.id)
            try show(Shown(job: report.id, total: report.cost, counter: counter, rows: rows)) { shown in
                var table = Table(
                    "STAGE", "PROVIDER", "ITEM", "QUANTITY", "UNIT", "PRICE", "USD",
                    empty: "Nothing was spent on it yet.")
                for row in shown.rows {
                    table.add(
                        row.stage.rawValue, row.provider, row.item, "\(row.quantity)", row.unit,
                        "\(MicroDollars(row.priceMicros)) for \(row.priceUnits)",
                        row.amount.description + (row.inDoubt ? " in doubt" : ""))
                }
                var text = table.text
                if !rows.isEmpty { text += "All together \(Phrases.money(shown.total))" }
                if let counter = shown.counter {
                    text += " of at most \(Phrases.money(counter.ceiling)) for a video"
                    if counter.held > .zero { text += ", \(Phrases.money(counter.held)) more held" }
                    if counter.overrun > .zero { text += ", \(Phrases.money(counter.overrun)) over" }
                }
                return text + (rows.isEmpty ? "" : ".\n")
            }
        }
    }

    struct ForUser: FleetCommand {
        static let configuration = CommandConfiguration(
            commandName: "user", abstract: "Show a user's spending: day by day, and by channel.",
            discussion: "Example:\n  ytempire cost user anna")

        @Argument(help: "The user's name.") var user: String
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            let ledger = services.ledger
            let user = try await ledger.user(named: user)
            let days = try await ledger.costs(by: .day, user: user.id)
            var statement = Statement(of: "for \(user.name)", summing: days)
            statement.byDay = days
            statement.byChannel = try await ledger.costs(by: .channel, user: user.id)
            statement.byItem = try await ledger.costs(by: .item, user: user.id)
            try show(statement) { $0.text }
        }
    }

    struct ForChannel: FleetCommand {
        static let configuration = CommandConfiguration(
            commandName: "channel", abstract: "Show a channel's spending, day by day.",
            discussion: "Example:\n  ytempire cost channel anna News")

        @Argument(help: "The user's name.") var user: String
        @Argument(help: "The channel's name.") var channel: String
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            let ledger = services.ledger
            let user = try await ledger.user(named: user)
            let channel = try await ledger.channel(named: channel, of: user)
            let days = try await ledger.costs(by: .day, channel: channel.id)
            var statement = Statement(of: "for \(channel.name) of \(user.name)", summing: days)
            statement.byDay = days
            statement.byItem = try await ledger.costs(by: .item, channel: channel.id)
            try show(statement) { $0.text }
        }
    }

    struct ForProvider: FleetCommand {
        static let configuration = CommandConfiguration(
            commandName: "provider", abstract: "Show the spending with a provider, day by day; or with all of them.",
            discussion: "`own` is our own machines.\n\nExample:\n  ytempire cost provider own")

        @Argument(help: "The provider's name. Default: all.") var provider: String?
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            let ledger = services.ledger
            guard let provider else {
                let lines = try await ledger.costs(by: .provider)
                let day = try await ledger.moneyDay()
                var statement = Statement(
                    of: "with all providers", summing: lines, counters: try await ledger.providerCounters(day: day))
                statement.byProvider = lines
                try show(statement) { $0.text }
                return
            }
            let known = try await ledger.providers()
            guard known.contains(provider) else {
                throw LedgerError(
                    .notFound,
                    "Nothing was ever spent with \(provider)."
                        + (known.isEmpty ? "" : " There are: \(known.joined(separator: ", "))."))
            }
            let days = try await ledger.costs(by: .day, provider: provider)
            var statement = Statement(
                of: "with \(provider)", summing: days,
                counters: try await ledger.providerCounters(provider: provider))
            statement.byDay = days
            statement.byItem = try await ledger.costs(by: .item, provider: provider)
            try show(statement) { $0.text }
        }
    }

    private static func table(_ title: String, _ lines: [CostLine]) -> String {
        var table = Table(title, "USD", "JOBS", "ROWS", "IN DOUBT", empty: "")
        for line in lines {
            table.add(
                line.group, line.amount.description, "\(line.jobs)", "\(line.rows)",
                line.inDoubt > .zero ? line.inDoubt.description : "")
        }
        return table.text
    }

    private static func table(_ counters: [CounterReport]) -> String {
        var table = Table("CEILING OF", "USD", "SPENT", "HELD", "LEFT", "OVERRUN", empty: "")
        for counter in counters {
            let left = max(.zero, counter.ceiling - counter.spent - counter.held)
            table.add(
                counter.scope == "day" ? "the day \(counter.key)" : "\(counter.scope) \(counter.key)",
                counter.ceiling.description, counter.spent.description, counter.held.description, left.description,
                counter.overrun > .zero ? counter.overrun.description : "")
        }
        return table.text
    }
}

extension String {
    fileprivate var trimmingNewline: String { hasSuffix("\n") ? String(dropLast()) : self }
}
