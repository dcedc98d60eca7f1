import MonthTrial
import Production
import TestServers

/// A month of fifty users with five channels each: how often a provider had to be asked, what that cost, and whether the ledger says
/// what the providers have billed. The reference of each kind of call is how many were wanted: what a fleet that keeps nothing would
/// have asked in the same month.
struct MoneyMonth: Benchmark {
    let name = "money.month"
    let figures =
        ["money.share_unasked"] + CallTally.Kind.allCases.map { "money.\($0.rawValue)_asked" } + [
            "money.video_usd", "money.dearest_video_usd", "money.dearest_day_usd", "money.ledger_usd",
            "money.doubt_usd", "money.shared_narrations", "money.month_seconds",
        ]
    let about =
        "50 users, 250 channels, 30 days through the real ledger, door and adapters against loopback peers; reference: of the "
        + "share the aim, of calls all that were wanted, of costs the ceilings, of the ledger the providers' own bills"

    func run() async throws -> [Figure] {
        let postgres = try await PrivatePostgres.start(settings: ["shared_buffers=128MB"])
        let report: MonthReport
        do {
            report = try await Month.run(MonthPlan(), on: postgres) { Progress.say($0) }
        } catch {
            await postgres.kill()
            throw error
        }
        await postgres.kill()
        tell(report)
        let ledger = report.ledger.values.reduce(0) { $0 + $1.dollars }
        let bills = report.bills.values.reduce(0) { $0 + $1.dollars }
        return [Figure(name: figures[0], ours: report.share, reference: 0.4)]
            + CallTally.Kind.allCases.enumerated().map { place, kind in
                let line = report.calls[kind]
                return Figure(name: figures[place + 1], ours: Double(line.asked), reference: Double(line.all))
            } + [
                Figure(name: "money.video_usd", ours: report.meanVideo.dollars, reference: 3),
                Figure(name: "money.dearest_video_usd", ours: report.dearestVideo.dollars, reference: 3),
                Figure(name: "money.dearest_day_usd", ours: report.dearestDay.dollars, reference: 150),
                Figure(name: "money.ledger_usd", ours: ledger, reference: bills),
                Figure(name: "money.doubt_usd", ours: report.inDoubt.dollars, reference: ledger),
                Figure(
                    name: "money.shared_narrations", ours: Double(report.sharedNarrations),
                    reference: Double(report.scenes)),
                Figure(name: "money.month_seconds", ours: report.seconds, reference: 600),
            ]
    }

    private func tell(_ report: MonthReport) {
        Progress.say("  calls:           wanted    asked   failed  retry's own  kept for all")
        func row(_ name: String, _ line: CallTally.Line) {
            let numbers = [(line.all, 9), (line.asked, 9), (line.failed, 9), (line.again, 13), (line.shared, 14)]
            Progress.say(
                "  " + name.padded(to: 14) + numbers.map { "\($0)".padded(to: -$1) }.joined())
        }
        for kind in CallTally.Kind.allCases { row(kind.rawValue, report.calls[kind]) }
        row("total", report.calls.total)
        Progress.say(
            "  \(report.published) videos published, \(report.deaths.count) dead, \(report.failures) attempts made again; "
                + "\(report.doubtfulRows) rows in doubt, \(report.openReservations) reservations left open; "
                + "kept answers saved \(report.saved) USD; \(report.repeatedStock) stock items shown twice in a channel"
        )
        for death in Set(report.deaths).prefix(5) { Progress.say("  dead: \(death)") }
        for (provider, amount) in report.ledger.sorted(by: { "\($0.key)" < "\($1.key)" }) {
            Progress.say("  \(provider): ledger \(amount) USD, billed \(report.bills[provider] ?? .zero) USD")
        }
    }
}

extension MicroDollars {
    fileprivate var dollars: Double { Double(rawValue) / 1_000_000 }
}

extension String {
    /// To the left; with a negative width, to the right.
    fileprivate func padded(to width: Int) -> String {
        let blanks = String(repeating: " ", count: max(0, abs(width) - count))
        return width < 0 ? blanks + self : self + blanks
    }
}
