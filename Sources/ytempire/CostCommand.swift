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
            nobody knows whether it was billed; overrun is what lies above a ceiling. What is paid to `own` is our own \
            machines' time and disks. At four fifths of a ceiling a warning stands here, in the metrics and in the webhooks.

            Examples:
              ytempire cost user anna --month 2026-11
              ytempire cost provider --since 2026-11-15
            """,
        subcommands: [
            Day.self, ForJob.self, ForUser.self, ForChannel.self, ForProvider.self, ForStage.self,
        ])

    /// What every `cost` command but `job` prints with `--json`.
    struct Statement: Encodable {
        /// What it is about, and which days.
        var of: String
        /// The days that were asked for; none where all are meant.
        var days: Period.Days
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
        /// Videos that money was spent for.
        var videos: Int64?
        /// What a video cost on average, and should.
        var perVideo: MicroDollars?
        var target: MicroDollars?
        /// What kept answers have saved since they are kept.
        var savings: [SavingsLine]?
        /// How often stock libraries were asked on these days, and how often that was spared.
        var stock: [StockTally]?

        private enum CodingKeys: String, CodingKey {
            case of, days, counters, byDay, byStage, byProvider, byItem, byUser, byChannel, videos, savings, stock
            case perVideo = "perVideoMicroUSD"
            case target = "targetMicroUSD"
            case total = "totalMicroUSD"
            case inDoubt = "inDoubtMicroUSD"
        }

        /// - Parameter byDay: the days of `lines`, if it has them.
        init(of: String, _ days: Period.Days, summing lines: [CostLine], byDay: Bool, counters: [CounterReport] = []) {
            self.of = "\(of) \(days.told(earliest: byDay ? lines.first?.group : nil))"
            (self.days, self.counters) = (days, counters)
            total = lines.map(\.amount).reduce(.zero, +)
            inDoubt = lines.map(\.inDoubt).reduce(.zero, +)
        }

        /// Tells what a video cost on average, beside what it should.
        mutating func compare(_ all: [CostLine], with target: MicroDollars) {
            guard let all = all.first, all.jobs > 0 else { return }
            (videos, self.target) = (all.jobs, target)
            perVideo = MicroDollars(all.amount.rawValue / all.jobs)
        }

        var text: String {
            let of = of.hasPrefix(" ") ? String(of.dropFirst()) : of
            guard total > .zero || !counters.isEmpty || stock?.isEmpty == false else {
                return "Nothing was spent \(of).\n"
            }
            var lines = [
                "Spent \(of): \(Phrases.money(total))"
                    + (inDoubt > .zero ? ", of it in doubt \(Phrases.money(inDoubt))" : "")
            ]
            if let videos, let perVideo, let target {
                lines.append(
                    "That is \(Phrases.money(perVideo)) a video, of \(videos); the target is \(Phrases.money(target))"
                        + (perVideo > target ? ": above it." : "."))
            }
            lines += counters.filter(\.isNearlyUsedUp).map(CostCommand.warning)
            if !counters.isEmpty { lines += ["", CostCommand.table(counters).trimmingNewline] }
            for (title, part) in [
                ("DAY", byDay), ("STAGE", byStage), ("PAID TO", byProvider), ("PAID TO, FOR", byItem),
                ("USER", byUser), ("CHANNEL", byChannel),
            ] {
                guard let part, !part.isEmpty else { continue }
                lines += ["", CostCommand.table(title, part).trimmingNewline]
            }
            if let savings, !savings.isEmpty { lines += ["", CostCommand.table(savings).trimmingNewline] }
            if let stock, !stock.isEmpty { lines += ["", CostCommand.table(stock).trimmingNewline] }
            return lines.joined(separator: "\n") + "\n"
        }
    }

    struct Day: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a money day: against its ceilings, by stage, provider, user.",
            discussion: "Example:\n  ytempire cost day 2026-11-20")

        @Argument(
            help: ArgumentHelp("Also yesterday. Default: today, by the fleet's calendar.", valueName: DayChoice.shape),
            transform: DayChoice.read)
        var day: DayChoice?
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            let ledger = services.ledger
            let day = try await (day ?? .today).text(by: ledger)
            let counters = try await [ledger.counter("day", day)].compactMap { $0 } + ledger.providerCounters(day: day)
            let stages = try await ledger.costs(by: .stage, from: day, through: day)
            var statement = Statement(
                of: "", Period.Days(first: day, last: day), summing: stages, byDay: false, counters: counters)
            statement.byStage = stages
            statement.byItem = try await ledger.costs(by: .item, from: day, through: day)
            statement.byUser = try await ledger.costs(by: .user, from: day, through: day)
            statement.stock = try await ledger.stockTally(from: day, through: day)
            statement.compare(
                try await ledger.costs(by: .all, from: day, through: day),
                with: services.configuration.money.videoTarget)
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
            var target: MicroDollars

            private enum CodingKeys: String, CodingKey {
                case job, counter, rows
                case target = "targetMicroUSD"
                case total = "totalMicroUSD"
            }
        }

        func run(with services: FleetServices) async throws {
            let report = try await services.ledger.job(job.id)
            let counter = try await services.ledger.counter("video", "\(job.id)")
            let rows = try await services.ledger.costs(of: job.id)
            let target = services.configuration.money.videoTarget
            try show(Shown(job: report.id, total: report.cost, counter: counter, rows: rows, target: target)) { shown in
                var table = Table(
                    "STAGE", "PAID TO", "ITEM", "QUANTITY", "UNIT", "PRICE", "USD",
                    empty: "Nothing was spent on it yet.")
                for row in shown.rows {
                    table.add(
                        row.stage.rawValue, row.provider, row.item, "\(row.quantity)", row.unit,
                        Phrases.price(row.priceMicros, for: row.priceUnits, of: row.unit),
                        row.amount.description + (row.inDoubt ? " in doubt" : ""))
                }
                var text = table.text
                if !rows.isEmpty { text += "All together \(Phrases.money(shown.total))" }
                if let counter = shown.counter {
                    text += " of at most \(Phrases.money(counter.ceiling)) for a video"
                    if counter.held > .zero { text += ", \(Phrases.money(counter.held)) more held" }
                    if counter.overrun > .zero { text += ", \(Phrases.money(counter.overrun)) over" }
                }
                if !rows.isEmpty { text += "; the target is \(Phrases.money(shown.target)).\n" }
                if let counter = shown.counter, counter.isNearlyUsedUp { text += CostCommand.warning(counter) + "\n" }
                return text
            }
        }
    }

    struct ForUser: FleetCommand {
        static let configuration = CommandConfiguration(
            commandName: "user", abstract: "Show a user's spending: day by day, and by channel.",
            discussion: "Example:\n  ytempire cost user anna")

        @Argument(help: "The user's name.") var user: String
        @OptionGroup(title: "Which days (default: all)") var period: Period
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            let ledger = services.ledger
            let (user, days) = try await (ledger.user(named: user), period.days(by: ledger))
            func costs(by grouping: Ledger.CostGrouping) async throws -> [CostLine] {
                try await ledger.costs(by: grouping, from: days.first, through: days.last, user: user.id)
            }
            let byDay = try await costs(by: .day)
            var statement = Statement(of: "for \(user.name)", days, summing: byDay, byDay: true)
            statement.byDay = byDay
            statement.byChannel = try await costs(by: .channel)
            statement.byItem = try await costs(by: .item)
            statement.compare(try await costs(by: .all), with: services.configuration.money.videoTarget)
            try show(statement) { $0.text }
        }
    }

    struct ForChannel: FleetCommand {
        static let configuration = CommandConfiguration(
            commandName: "channel", abstract: "Show a channel's spending, day by day.",
            discussion: "Example:\n  ytempire cost channel anna News")

        @Argument(help: "The user's name.") var user: String
        @Argument(help: "The channel's name or slug.") var channel: String
        @OptionGroup(title: "Which days (default: all)") var period: Period
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            let ledger = services.ledger
            let (user, days) = try await (ledger.user(named: user), period.days(by: ledger))
            let channel = try await ledger.channel(named: channel, of: user)
            func costs(by grouping: Ledger.CostGrouping) async throws -> [CostLine] {
                try await ledger.costs(by: grouping, from: days.first, through: days.last, channel: channel.id)
            }
            let byDay = try await costs(by: .day)
            var statement = Statement(of: "for \(channel.name) of \(user.name)", days, summing: byDay, byDay: true)
            statement.byDay = byDay
            statement.byItem = try await costs(by: .item)
            statement.compare(try await costs(by: .all), with: services.configuration.money.videoTarget)
            try show(statement) { $0.text }
        }
    }

    struct ForProvider: FleetCommand {
        static let configuration = CommandConfiguration(
            commandName: "provider", abstract: "Show the spending with a provider, day by day; or with all of them.",
            discussion: "`own` is our own machines.\n\nExample:\n  ytempire cost provider own")

        @Argument(help: "The provider's name. Default: all.") var provider: String?
        @OptionGroup(title: "Which days (default: all)") var period: Period
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            let ledger = services.ledger
            let days = try await period.days(by: ledger)
            func costs(by grouping: Ledger.CostGrouping) async throws -> [CostLine] {
                try await ledger.costs(by: grouping, from: days.first, through: days.last, provider: provider)
            }
            guard let provider else {
                let counters = try await ledger.providerCounters(day: ledger.moneyDay())
                let byDay = try await costs(by: .day)
                var statement = Statement(
                    of: "with all providers", days, summing: byDay, byDay: true, counters: counters)
                statement.byProvider = try await costs(by: .provider)
                statement.savings = try await ledger.savings()
                statement.stock = try await ledger.stockTally(from: days.first, through: days.last)
                try show(statement) { $0.text }
                return
            }
            let known = try await ledger.providers()
            let stock = try await ledger.stockTally(from: days.first, through: days.last, provider: provider)
            guard known.contains(provider) || !stock.isEmpty else {
                throw LedgerError(
                    .notFound,
                    "Nothing was ever spent with \(provider)."
                        + (known.isEmpty ? "" : " There are: \(known.joined(separator: ", "))."))
            }
            let byDay = try await costs(by: .day)
            var statement = Statement(
                of: "with \(provider)", days, summing: byDay, byDay: true,
                counters: try await ledger.providerCounters(provider: provider))
            statement.byDay = byDay
            statement.byItem = try await costs(by: .item)
            statement.savings = try await ledger.savings(provider: provider)
            statement.stock = stock
            try show(statement) { $0.text }
        }
    }

    struct ForStage: FleetCommand {
        static let configuration = CommandConfiguration(
            commandName: "stage", abstract: "Show what each stage costs, and what a video costs on average.",
            discussion: "Example:\n  ytempire cost stage --since 2026-11-15")

        @OptionGroup(title: "Which days (default: all)") var period: Period
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            let ledger = services.ledger
            let days = try await period.days(by: ledger)
            let stages = try await ledger.costs(by: .stage, from: days.first, through: days.last)
            var statement = Statement(of: "at all stages", days, summing: stages, byDay: false)
            statement.byStage = stages
            statement.compare(
                try await ledger.costs(by: .all, from: days.first, through: days.last),
                with: services.configuration.money.videoTarget)
            try show(statement) { $0.text }
        }
    }

    private static func warning(_ counter: CounterReport) -> String {
        let of = counter.scope == "day" ? "the day \(counter.key)" : "\(counter.scope) \(counter.key)"
        let used = Phrases.money(counter.spent + counter.held)
        return "WARNING: \(used) of the ceiling of \(of), \(Phrases.money(counter.ceiling)), are spent or held."
    }

    private static func table(_ savings: [SavingsLine]) -> String {
        var table = Table("KEPT ANSWERS OF", "PAID FOR", "READ AGAIN", "SHARE", "SAVED USD", empty: "")
        for line in savings {
            let share = 100 * line.reused / max(1, line.reused + line.paid)
            table.add(line.provider, "\(line.paid)", "\(line.reused)", "\(share) %", line.saved.description)
        }
        return table.text
    }

    private static func table(_ stock: [StockTally]) -> String {
        var table = Table("STOCK FROM", "WHAT", "ASKED", "SPARED", "SHARE", empty: "")
        for line in stock {
            let share = 100 * line.spared / max(1, line.made + line.spared)
            table.add(
                line.provider.rawValue, line.what == .search ? "searches" : "downloads", "\(line.made)",
                "\(line.spared)", "\(share) %")
        }
        return table.text
    }

    private static func table(_ title: String, _ lines: [CostLine]) -> String {
        var table = Table(.init(stringLiteral: title), "USD", "JOBS", "ROWS", "IN DOUBT", empty: "")
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
