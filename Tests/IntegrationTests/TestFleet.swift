import Fleet
import Foundation
import Logging
import Postgres
import Production
import Redis
import Synchronization
import TestServers
import Testing

/// A fleet of one test's own: a Redis, a database, a folder, a configuration, and the processes it starts. All of it
/// goes with the test process, whatever happens to that.
final class TestFleet: Sendable {
    /// In the Redis server's folder, which its guardian removes.
    let folder: URL
    let configuration: String
    let database: PostgresPool
    let redis: RedisClient
    let server: PrivateRedis
    private let usual: [String: String]
    private let workers = Mutex<[WorkerRun]>([])
    private let ended = Mutex<[Programs.Ended]>([])

    /// - Parameters:
    ///   - settings: lines of YAML beside the usual ones, by key.
    ///   - server: a Redis that runs already; nil: one without a password.
    init(_ settings: [String: String] = [:], redis server: PrivateRedis? = nil) async throws {
        self.server = if let server { server } else { try await PrivateRedis.start() }
        folder = URL(filePath: self.server.socketPath).deletingLastPathComponent()
        var databaseURL = settings["database.url"] ?? ""
        if databaseURL.isEmpty { databaseURL = try await PrivatePostgres.shared.freshDatabase() }
        var all = [
            "database.url": databaseURL, "database.connections": "4", "redis.url": "unix://\(self.server.socketPath)",
            "artifacts.path": folder.appending(path: "artifacts").path,
            "publish.path": folder.appending(path: "published").path,
            "scratch.path": folder.appending(path: "scratch").path,
            // A beat that tests needn't wait for. The lease stays long: work that moves on soon does so because of a
            // rule, and a busy machine loses no attempt.
            "worker.beat": "250ms", "worker.lease": "20s",
            "render.short-side": "180", "render.preset": "superfast", "render.encoder": "software",
            "retry.attempts": "2", "retry.base": "50ms", "log.level": "debug",
        ]
        all.merge(settings) { _, new in new }
        configuration = folder.appending(path: "ytempire.yaml").path
        try Self.yaml(all).write(toFile: configuration, atomically: true, encoding: .utf8)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        database = PostgresPool(configuration: try PostgresConfiguration(url: databaseURL), logger: logger)
        redis = RedisClient(
            configuration: try RedisConfiguration(url: all["redis.url"] ?? ""), logger: logger)
        usual = all
        try await succeed("migrate")
    }

    /// Writes another configuration, for what is started from now on.
    func configure(_ settings: [String: String]) async throws {
        try Self.yaml(usual.merging(settings) { _, new in new })
            .write(toFile: configuration, atomically: true, encoding: .utf8)
    }

    /// `a.b: c` as a mapping in a mapping.
    static func yaml(_ settings: [String: String]) -> String {
        let sections = Dictionary(grouping: settings) { String($0.key.prefix { $0 != "." }) }
        return sections.map { section, entries in
            "\(section):\n" + entries.map { "  \($0.key.dropFirst(section.count + 1)): '\($0.value)'\n" }.joined()
        }.joined()
    }

    /// Runs with a fleet that is taken down whatever happens; a failure comes with what the workers have logged.
    static func with(
        _ settings: [String: String] = [:], redis: PrivateRedis? = nil, _ body: (TestFleet) async throws -> Void
    ) async throws {
        let fleet = try await TestFleet(settings, redis: redis)
        do {
            try await body(fleet)
        } catch {
            Issue.record(error, "\(fleet.logs)")
        }
        for worker in fleet.workers.withLock({ $0 }) { await worker.kill() }
        await fleet.redis.close()
        await fleet.database.close()
    }

    /// Every command so far, with what it printed.
    var outputs: [Programs.Ended] { ended.withLock { $0 } }

    var logs: String { workers.withLock { $0 }.map { "── \($0.name)\n\($0.log)" }.joined() }

    // MARK: Programs

    func run(_ arguments: String...) async throws -> Programs.Ended { try await run(arguments) }

    func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> Programs.Ended {
        let ended = try await Programs.run(
            "ytempire", arguments + ["--config", configuration], in: folder, environment: environment)
        self.ended.withLock { $0.append(ended) }
        return ended
    }

    /// Runs a command that must succeed.
    @discardableResult
    func succeed(_ arguments: String...) async throws -> Programs.Ended {
        let ended = try await run(arguments)
        try #require(ended.status == 0, "\(ended)\n\(logs)")
        return ended
    }

    func coordinate(_ arguments: String...) async throws -> Programs.Ended {
        let ended = try await Programs.run(
            "ytempire-coordinator", arguments + ["--config", configuration], in: folder)
        self.ended.withLock { $0.append(ended) }
        return ended
    }

    /// Opens a day for everyone.
    func open(_ day: String) async throws {
        let ended = try await coordinate("--day", day)
        try #require(ended.status == 0, "\(ended)")
    }

    @discardableResult
    func start(_ stage: Production.Stage, environment: [String: String] = [:]) throws -> WorkerRun {
        let worker = try WorkerRun(
            "ytempire-\(stage.rawValue)", name: "\(stage.rawValue)-1", configuration: configuration,
            environment: environment)
        workers.withLock { $0.append(worker) }
        return worker
    }

    /// One worker for each stage; answers the one that renders.
    @discardableResult
    func startAll() throws -> WorkerRun {
        let all = try Production.Stage.allCases.map { try start($0) }
        return all[2]
    }

    // MARK: Users and sources

    /// Writes a source and answers its path.
    func source(_ name: String, _ text: String) throws -> String {
        let file = folder.appending(path: name)
        try Data(text.utf8).write(to: file)
        return file.path
    }

    func addUser(_ name: String, channel: String, source: String, _ choices: String...) async throws {
        try await succeed("user", "add", name, "--if-missing")
        let ended = try await run(["channel", "add", name, channel, "--source", source, "--length", "15"] + choices)
        try #require(ended.status == 0, "\(ended)")
    }

    // MARK: What happens

    /// What workers publish from now on.
    func listen() async throws -> FleetEvents {
        FleetEvents(try await redis.subscribe(to: ["{ytempire:0}:events"]))
    }

    /// Forgets everything that Redis knows.
    func flushRedis() async throws { _ = try await redis.send(RedisCommand("FLUSHALL")) }

    // MARK: What Postgres knows

    func rows(_ sql: SQL) async throws -> [PostgresRow] { try await database.query(sql) }

    func number(_ sql: SQL) async throws -> Int64 { try #require(try await rows(sql).first).get(0) }

    func texts(_ sql: SQL) async throws -> [String] { try await rows(sql).map { try $0.get(0) } }

    /// The job of a user's day.
    func job(_ user: String, _ day: String) async throws -> Int64 {
        try await number(
            """
            SELECT j.id FROM jobs j JOIN users u ON u.id = j.user_id
            WHERE u.name = \(user) AND j.production_day = \(day)::text::date AND kind = 'daily'
            """)
    }

    /// The attempts of a job, oldest first: `render lost`.
    func attempts(_ job: Int64) async throws -> [String] {
        try await texts("SELECT stage || ' ' || state FROM attempts WHERE job_id = \(job) ORDER BY fence")
    }
}

/// The fleet's events, in order.
struct FleetEvents {
    private let subscription: RedisSubscription

    init(_ subscription: RedisSubscription) { self.subscription = subscription }

    /// Waits for the first event that matches, showing each to `matches` in turn.
    @discardableResult
    func first(where matches: (LiveEvent) -> Bool) async throws -> LiveEvent {
        for await element in subscription {
            guard case .message(_, let payload) = element else { continue }
            let event = try JSONDecoder().decode(LiveEvent.self, from: Data(payload))
            if matches(event) { return event }
        }
        throw CancellationError()
    }

    /// Waits until some job is in the middle of being rendered.
    @discardableResult
    func midRender() async throws -> LiveEvent {
        try await first { $0.kind == .progress && $0.stage == .render && ($0.fraction ?? 0) > 0.1 }
    }
}
