import Fleet
import Foundation
import Ledger
import Logging
import Postgres
import Production
import TestServers

/// A fleet of the benchmark's own: Redis, Postgres, a configuration, and the real executables, built beside this one.
final class FleetBench: Sendable {
    let folder: ServerFolder
    let redis: PrivateRedis
    let postgres: PrivatePostgres
    let configuration: String
    let services: FleetServices
    /// For setting the scene, which takes longer than any statement of the fleet's may.
    let database: PostgresPool

    /// - Parameter settings: lines of YAML, besides the usual ones.
    init(_ settings: String = "") async throws {
        folder = try ServerFolder()
        redis = try await PrivateRedis.start()
        // What Postgres takes of itself.
        postgres = try await PrivatePostgres.start(settings: ["shared_buffers=128MB"])
        configuration = folder.file("ytempire.yaml")
        try """
        database: { url: '\(try await postgres.freshDatabase())', connections: 8 }
        redis: { url: 'unix://\(redis.socketPath)' }
        artifacts: { path: '\(folder.file("artifacts"))' }
        publish: { path: '\(folder.file("published"))' }
        scratch: { path: '\(folder.file("scratch"))' }
        money: { day-ceiling: '1000000.00' }
        \(settings)
        """.write(toFile: configuration, atomically: true, encoding: .utf8)
        try folder.run(try Program.path("ytempire"), ["migrate", "--config", configuration])
        let logger = Logger(label: "bench", factory: { _ in SwiftLogNoOpLogHandler() })
        services = try FleetServices(
            await FleetConfiguration.load(file: configuration, environment: [:]), logger: logger)
        var patient = services.configuration.database
        patient.statementTimeout = nil
        database = PostgresPool(configuration: patient, logger: logger)
    }

    var ledger: Ledger { services.ledger }

    func close() async {
        await services.close()
        await database.close()
        await redis.kill()
        await postgres.kill()
    }

    static func with<Answer>(_ settings: String = "", _ body: (FleetBench) async throws -> Answer) async throws
        -> Answer
    {
        let bench = try await FleetBench(settings)
        do {
            let answer = try await body(bench)
            await bench.close()
            return answer
        } catch {
            await bench.close()
            throw error
        }
    }

    /// Users named by their number, each with one channel.
    func addUsers(_ count: Int) async throws {
        try await database.execute(
            """
            INSERT INTO users (name)
            SELECT 'user ' || n FROM generate_series((SELECT count(*) + 1 FROM users), (SELECT count(*) FROM users) + \(count)) n
            """)
        try await database.execute(
            """
            INSERT INTO channels (user_id, name, slug, source, language, orientation, palette, length_seconds, daily_at)
            SELECT id, 'News', 'news-' || id, '/feed', 'en', 'landscape', 'ocean', 90, '09:00' FROM users u
             WHERE NOT EXISTS (SELECT FROM channels c WHERE c.user_id = u.id)
            """)
        try await database.execute("ANALYZE users, channels")
    }

    /// Queued jobs, asked for by persons, spread over the users; Redis has not heard of them.
    func addJobs(_ count: Int) async throws {
        try await database.execute(
            """
            INSERT INTO jobs (user_id, channel_id, kind, production_day, priority, trace)
            SELECT c.user_id, c.id, 'extra', '2026-01-05', 'daily',
                   uuid_send(gen_random_uuid()) || substring(uuid_send(gen_random_uuid()) FROM 9)
              FROM generate_series(1, \(count)::bigint) n
              JOIN (SELECT user_id, id, row_number() OVER (ORDER BY id) - 1 AS place FROM channels) c
                ON c.place = n % (SELECT count(*) FROM channels)
            """)
    }

    /// Waits until the server has done what a scene just set leaves to its autovacuum and its checkpointer.
    func settle() async throws {
        try await database.execute("VACUUM ANALYZE")
        try await database.execute("CHECKPOINT")
    }

    /// Starts one worker for each stage, and waits until all of them live.
    func startWorkers() async throws -> [ServerProcess] {
        let workers = try Production.Stage.allCases.map { stage in
            try ServerProcess(
                try Program.path("ytempire-\(stage.rawValue)"),
                ["--config", configuration, "--name", "\(stage.rawValue)-1"], in: ServerFolder())
        }
        while try await ledger.livingWorkers().count < workers.count {
            try await Task.sleep(for: .milliseconds(50))
            if let dead = workers.first(where: { $0.log.contains("error") }) { throw ServerError(dead.log) }
        }
        return workers
    }

    /// Waits until every job has ended.
    func untilFinished() async throws {
        while try await database.query("SELECT EXISTS (SELECT FROM jobs WHERE finished_at IS NULL)")[0].get(0) {
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}

/// An executable built beside this one.
enum Program {
    static func path(_ name: String) throws -> String {
        let path = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: name).path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw ServerError("\(path) is not built: swift build -c release")
        }
        return path
    }
}
