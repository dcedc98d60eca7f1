import Fleet
import Foundation
import Ledger
import Postgres
package import Production

/// What a simulated month came to.
package struct MonthReport: Sendable {
    package let calls: CallTally
    package let published: Int
    /// Why videos ended dead.
    package let deaths: [String]
    /// Attempts that failed and were made again.
    package let failures: Int
    /// All cost rows but those in doubt, by provider.
    package let ledger: [ProviderName: MicroDollars]
    /// Cost rows whose call's fate nobody knows, held at the most that it can have cost.
    package let inDoubt: MicroDollars
    package let doubtfulRows: Int
    /// What the peers have billed, by provider.
    package let bills: [ProviderName: MicroDollars]
    /// What kept answers have saved: what the same calls would have cost again.
    package let saved: MicroDollars
    package let meanVideo: MicroDollars
    package let dearestVideo: MicroDollars
    package let dearestDay: MicroDollars
    /// Reservations that never ended.
    package let openReservations: Int
    /// Scenes whose own words, without the channel's fixed phrases, another video's scene says too.
    package let sharedNarrations: Int
    /// Scenes in all.
    package let scenes: Int
    /// Times that a channel showed a stock item again.
    package let repeatedStock: Int
    package let seconds: Double

    /// Of all calls, those answered without asking the provider.
    package var share: Double {
        calls.total.all == 0 ? 0 : Double(calls.total.spared) / Double(calls.total.all)
    }

    init(
        _ plan: MonthPlan, _ peers: MonthPeers, _ tally: CallTally, _ videos: [MonthVideo], _ ledger: Ledger,
        _ pool: PostgresPool, seconds: Duration
    ) async throws {
        calls = tally
        published = videos.count { $0.stage == nil && $0.death == nil }
        deaths = videos.compactMap(\.death)
        failures = videos.map(\.failures).reduce(0, +)
        let price = try PriceFile.load(nil).list.price(
            of: "characters", for: "eleven_multilingual_v2", at: "elevenlabs")
        bills = peers.bills(perCredit: price.micros / price.units).mapValues { MicroDollars($0) }
        var settled: [ProviderName: MicroDollars] = [:]
        for line in try await ledger.costs(by: .provider) {
            settled[ProviderName(line.group)] = MicroDollars(line.amount.rawValue - line.inDoubt.rawValue)
        }
        self.ledger = settled
        func dollars(_ sql: SQL) async throws -> MicroDollars {
            MicroDollars(try await pool.query(sql)[0].get(0, as: Int64?.self) ?? 0)
        }
        inDoubt = try await dollars("SELECT sum(amount)::bigint FROM cost_rows WHERE in_doubt")
        doubtfulRows = Int(
            try await pool.query("SELECT count(*) FROM cost_rows WHERE in_doubt")[0].get(0, as: Int64.self))
        openReservations = Int(
            try await pool.query("SELECT count(*) FROM reservations WHERE ended_at IS NULL")[0].get(0, as: Int64.self))
        saved = MicroDollars(try await ledger.savings().map(\.saved.rawValue).reduce(0, +))
        let perVideo: SQL = "SELECT job_id, sum(amount) AS amount FROM cost_rows GROUP BY job_id"
        meanVideo = try await dollars("SELECT avg(amount)::bigint FROM (\(perVideo)) v")
        dearestVideo = try await dollars("SELECT max(amount)::bigint FROM (\(perVideo)) v")
        dearestDay = try await dollars(
            "SELECT max(amount)::bigint FROM (SELECT sum(amount) AS amount FROM cost_rows GROUP BY money_day) d")
        let told = videos.compactMap(\.storyboard).map { Set($0.scenes.map(\.told)) }
        scenes = videos.compactMap(\.storyboard).map(\.scenes.count).reduce(0, +)
        var times: [String: Int] = [:]
        for video in told { for scene in video { times[scene, default: 0] += 1 } }
        sharedNarrations = times.values.count { $0 > 1 }
        var shown: [String: [StockItem.Name]] = [:]
        for video in videos { shown[video.channel, default: []] += video.uses }
        repeatedStock = shown.values.map { $0.count - Set($0).count }.reduce(0, +)
        self.seconds = Double(seconds.components.seconds) + Double(seconds.components.attoseconds) / 1e18
    }
}
