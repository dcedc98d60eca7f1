import DiskArtifacts
import Fleet
import Foundation
import Ledger
import Logging
import Postgres
import Production
package import TestServers

/// A month of a whole fleet, with the real ledger, the real door for money and the real adapters, against peers on loopback ports.
/// Time is made: hours pass between two moments at which videos are due, and nothing else is different from a real month.
package enum Month {
    /// - Parameter tell: words for whoever watches, once a day.
    package static func run(
        _ plan: MonthPlan, on postgres: PrivatePostgres, tell: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> MonthReport {
        let folder = FileManager.default.temporaryDirectory.appending(path: "month-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await MonthPeers.with(plan) { peers in
            try await Run(plan, peers, folder, try await postgres.freshDatabase()).month(tell)
        }
    }

    /// One run's things.
    private struct Run: Sendable {
        let plan: MonthPlan
        let peers: MonthPeers
        let folder: URL
        let pool: PostgresPool
        let ledger: Ledger
        let clock = MonthClock()
        let tally = CallTally()
        let newsroom: Newsroom
        /// Midnight of the first day.
        let start: Date

        init(_ plan: MonthPlan, _ peers: MonthPeers, _ folder: URL, _ url: String) async throws {
            (self.plan, self.peers, self.folder) = (plan, peers, folder)
            newsroom = Newsroom(seed: plan.seed)
            let quiet = Logger(label: "month") { _ in SwiftLogNoOpLogHandler() }
            let configuration = try PostgresConfiguration(url: url)
            let first = PostgresPool(configuration: configuration, logger: quiet)
            try await clock.putUp(in: first)
            await first.close()
            pool = PostgresPool(configuration: configuration, logger: quiet)
            _ = try await Migrator(migrations: ledgerMigrations).migrate(on: pool)
            // Nobody beats here: the lease is longer than the month.
            ledger = Ledger(database: pool, settings: Ledger.Settings(lease: .seconds(90 * 86_400)))
            start = Date(timeIntervalSince1970: ((Date().timeIntervalSince1970 / 86_400).rounded(.up) + 1) * 86_400)
        }

        func month(_ tell: @Sendable (String) -> Void) async throws -> MonthReport {
            let began = ContinuousClock.now
            // The evening before.
            try await clock.turn(to: start - 3 * 3_600, in: pool)
            let places = try await settle()
            let crew = try await MonthCrew(
                plan, peers, ledger: ledger, artifacts: DiskArtifacts(root: folder.appending(path: "store")),
                scratch: folder.appending(path: "scratch"), clock: clock, tally: tally)
            var (videos, open): ([MonthVideo], [MonthVideo]) = ([], [])
            for day in 0..<plan.days {
                // Half an hour each, from six until midnight: what has to wait is taken up again at the next.
                for moment in 0..<36 {
                    guard moment < plan.moments || !open.isEmpty else { break }
                    // A minute late, as a timer is.
                    let minute = day * 1_440 + 6 * 60 + moment * 30 + 1
                    try await clock.turn(to: start + Double(minute * 60), in: pool)
                    for opened in try await ledger.openDay() {
                        let channel = "\(opened.user), \(opened.channel)"
                        guard let place = places[channel] else { throw TrialFailure("who is \(channel)?") }
                        try newsroom.feed(of: place, title: opened.channel, on: day, at: clock.now).write(
                            to: source(place), atomically: true, encoding: .utf8)
                        open.append(MonthVideo(opened.job.id, channel: channel, day: day))
                        videos.append(open[open.count - 1])
                    }
                    open = try await work(crew, on: open)
                }
                try await applyRetention(crew)
                let total = tally.total
                tell(
                    "  day \(day + 1): \(videos.count - open.count) videos, \(total.all) calls, "
                        + "\(total.all == 0 ? 0 : total.spared * 100 / total.all) % without asking")
            }
            _ = try await ledger.settleOrphans(from: crew.artifacts.responses)
            let report = try await MonthReport(
                plan, peers, tally, videos, ledger, pool, seconds: began.duration(to: .now))
            await pool.close()
            return report
        }

        private func source(_ place: Int) -> URL { folder.appending(path: "feed-\(place).xml") }

        /// Users and their channels; where each channel stands among all.
        private func settle() async throws -> [String: Int] {
            var places: [String: Int] = [:]
            for number in 0..<plan.users {
                let user = try await ledger.addUser(named: "user \(number + 1)", timeZone: "UTC")
                for channel in 0..<plan.channels {
                    let place = number * plan.channels + channel
                    var dice = Dice(plan.seed, "channel \(place)")
                    let minutes = 6 * 60 + number % plan.moments * 30
                    let time = String(format: "%02d:%02d", minutes / 60, minutes % 60)
                    guard let dailyAt = TimeOfDay(time) else { throw TrialFailure("\(time) is no time") }
                    let name = "\(Self.titles[place % Self.titles.count]) \(place + 1)"
                    let speaksUp = dice.falls(plan.greetingShare)
                    let draft = ChannelDraft(
                        name: name, source: source(place).path(percentEncoded: false), language: "en", voice: nil,
                        orientation: place % 10 == 9 ? .portrait : .landscape, palette: .ocean,
                        brief: Channel.Brief(
                            text: "Short stories for curious people.",
                            greeting: speaksUp ? "Welcome to \(name), one story every few days." : nil,
                            farewell: speaksUp ? "That was \(name). See you next time." : nil),
                        length: plan.length, dailyAt: dailyAt, review: false)
                    _ = try await ledger.addChannel(draft, for: user)
                    places["\(user.name), \(name)"] = place
                }
            }
            return places
        }

        private static let titles = [
            "Small Wonders", "The Daily Thing", "Known and Unknown", "Look Closer", "Field Notes",
        ]

        /// - Returns: those that have to wait.
        private func work(_ crew: MonthCrew, on videos: [MonthVideo]) async throws -> [MonthVideo] {
            try await withThrowingTaskGroup(of: MonthVideo?.self) { group in
                var rest = videos[...]
                for _ in 0..<plan.atOnce {
                    guard let video = rest.popFirst() else { break }
                    group.addTask { try await crew.work(on: video) ? nil : video }
                }
                var waiting: [MonthVideo] = []
                while let video = try await group.next() {
                    if let video { waiting.append(video) }
                    if let next = rest.popFirst() {
                        group.addTask { try await crew.work(on: next) ? nil : next }
                    }
                }
                return waiting
            }
        }

        /// As the coordinator does: what nobody has used for thirty days goes.
        private func applyRetention(_ crew: MonthCrew) async throws {
            let keep = Duration.seconds(30 * 86_400)
            _ = try await ledger.freePieces()
            _ = try await ledger.doomArtifacts(keep: keep)
            for response in try await ledger.forgetResponses(unusedFor: keep) {
                try await crew.artifacts.responses.remove(response)
            }
        }
    }
}
