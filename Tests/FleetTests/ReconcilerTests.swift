import Fleet
import Foundation
import Ledger
import Logging
import Postgres
import Production
import Redis
import StageQueue
import TestServers
import Testing

/// The reconciler on a real Redis and Postgres.
@Suite struct `A regular round of reconcile` {
    private func with(_ body: (FleetServices) async throws -> Void) async throws {
        let redis = try await PrivateRedis.start()
        let folder = URL(filePath: redis.socketPath).deletingLastPathComponent()
        let file = folder.appending(path: "ytempire.yaml").path
        try """
        database: { url: '\(try await PrivatePostgres.shared.freshDatabase())', connections: 4 }
        redis: { url: 'unix://\(redis.socketPath)' }
        """.write(toFile: file, atomically: true, encoding: .utf8)
        let quiet = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
        let services = try FleetServices(
            await FleetConfiguration.load(file: file, environment: [:]), logger: quiet)
        do {
            _ = try await Migrator(migrations: ledgerMigrations).migrate(on: services.database)
            try await body(services)
        } catch {
            Issue.record(error)
        }
        await services.close()
        await redis.kill()
    }

    private func addJobs(_ count: Int, _ services: FleetServices) async throws {
        try await services.database.execute("INSERT INTO users (name) VALUES ('u') ON CONFLICT DO NOTHING")
        try await services.database.execute(
            """
            INSERT INTO channels (user_id, name, slug, source, language, orientation, palette, length_seconds, daily_at)
            SELECT id, 'News', 'news', '/feed', 'en', 'landscape', 'ocean', 90, '09:00' FROM users ON CONFLICT DO NOTHING
            """)
        try await services.database.execute(
            """
            INSERT INTO jobs (user_id, channel_id, kind, production_day, priority, trace)
            SELECT user_id, id, 'extra', '2026-01-06', 'daily', decode(repeat('01', 24), 'hex')
              FROM channels, generate_series(1, \(count))
            """)
    }

    private func round(_ services: FleetServices) async throws -> Int {
        try await services.reconciler.reconcileInTurn(quiet: .zero, patience: 2, page: 10)
    }

    @Test func `dispatches all that is missing, then looks at a few pages only, each round at others`() async throws {
        try await with { services in
            try await addJobs(100, services)
            #expect(try await round(services) == 100)
            #expect(try await round(services) == 0)
            let duty = "reconcile from"
            var places: Set<Job.ID?> = []
            for _ in 0..<5 {
                #expect(try await round(services) == 0)
                places.insert(try await services.ledger.standing(of: duty))
            }
            #expect(places.count == 5, "\(places)")
        }
    }

    @Test func `finds what is missing, wherever it is, within as many rounds as there are pages`() async throws {
        try await with { services in
            try await addJobs(100, services)
            _ = try await round(services)
            for _ in 0..<3 {
                // A dispatch that Redis has lost without a word, as a replica that lacks the last writes does.
                _ = try await services.redis.send(RedisCommand("FLUSHALL"))
                _ = try await services.reconciler.reconcile(quiet: .zero)
                try await addJobs(7, services)
                var found = 0
                for _ in 0..<8 where found < 7 { found += try await round(services) }
                #expect(found == 7)
            }
        }
    }

    @Test func `is done at once where nothing waits`() async throws {
        try await with { services in
            let found = try await round(services)
            #expect(found == 0)
        }
    }
}
