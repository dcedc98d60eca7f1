import Foundation
import Ledger
import Postgres
import Production
import ProviderPeers
import Secrets
import YouTube

extension FaultFleet {
    /// Runs with a fleet whose stages use the real adapters, on peers of all providers.
    static func withPeers(
        settings: [String: String] = [:], _ body: (FaultFleet, FleetPeers) async throws -> Drill.Outcome
    ) async throws -> Drill.Outcome {
        let peers = try await FleetPeers.start()
        var options = Options()
        (options.settings, options.peers) = (settings, peers)
        do {
            let outcome = try await with(options) { fleet in
                try await fleet.run("ytempire", "secret", "key")
                try await fleet.connect()
                return try await body(fleet, peers)
            }
            await peers.close()
            return outcome
        } catch {
            await peers.close()
            throw error
        }
    }

    /// Connects the one account, or connects it again.
    func connect() async throws {
        let ledger = Ledger(database: database, settings: .init())
        _ = try await LedgerAccounts(ledger, sealing: KeyFile(path: folder.appending(path: "secret-keys").path)).keep(
            AccountGrant(
                provider: YouTubeSettings.provider, name: "main",
                client: GoogleClient(id: YouTubePeer.clientID, secret: Secret(YouTubePeer.clientSecret)).project,
                remoteChannel: "UC-drill", remoteTitle: "Drill", scopes: GoogleScope.needed().map(\.rawValue),
                refreshToken: Secret(FleetPeers.refreshToken), access: nil))
    }

    /// Adds users with a channel each that has one story of its own to tell, and opens a day for them.
    ///
    /// - Returns: their jobs, in order.
    @discardableResult
    func openStories(_ count: Int, whenShort: Channel.ShortOfMoney = .hold) async throws -> [Int64] {
        let first = Int(try await number("SELECT count(*) FROM users")) + 1
        for number in first..<(first + count) {
            let file = folder.appending(path: "story-\(number).md")
            var tale = Tale(number)
            try tale.text.write(to: file, atomically: true, encoding: .utf8)
            try await database.execute(
                """
                WITH u AS (INSERT INTO users (name) VALUES (\("user \(number)")) RETURNING id, name), c AS (
                    INSERT INTO channels (user_id, name, slug, source, language, orientation, palette, length_seconds,
                        daily_at, when_short)
                    SELECT id, name, 'channel-' || id, \(file.path), 'en', 'landscape', 'ember', 15, '00:00',
                        \(whenShort.rawValue) FROM u RETURNING id)
                INSERT INTO account_channels (account_id, channel_id) SELECT a.id, c.id FROM accounts a, c
                """)
        }
        let before = try await number("SELECT COALESCE(max(id), 0) FROM jobs")
        try await open("2026-05-01")
        return try await database.query("SELECT id FROM jobs WHERE id > \(before) ORDER BY id").map { try $0.get(0) }
    }
}
