import Fleet
import Foundation
import Logging
import Postgres
import Production
import Redis
import Synchronization
import TestServers

/// A fleet that is to survive: servers of its own, a proxy before each, a configuration in which stages are rehearsed,
/// and workers that are started again whenever they die, as systemd would.
final class FaultFleet: Sendable {
    struct Options: Sendable {
        /// Lines of YAML by key, beside and before the usual ones.
        var settings: [String: String] = [:]
        var redis = PrivateRedis.Options()
        /// Megabytes of a disk of Postgres' own; nil: it lies where everything lies.
        var postgresDisk: Int?
        /// Over how many partitions on a Redis Cluster of its own, without a proxy before it; nil: on the one server.
        var clusterPartitions: Int?
        /// Whether each stage makes a call that costs money.
        var pays = false
        /// Whose real adapters the stages use; nil: all stages are rehearsed.
        var peers: FleetPeers?

        init() {}
    }

    let folder: URL
    let artifacts: URL
    let configuration: String
    let postgres: PrivatePostgres
    let redisServer: PrivateRedis
    /// What the fleet has instead of the one server.
    let cluster: PrivateRedisCluster?
    let postgresProxy: FaultProxy
    let redisProxy: FaultProxy
    let provider: CountingProvider
    let peers: FleetPeers?
    /// Straight to the server, past the proxy.
    let database: PostgresPool
    /// Through the proxy: to whichever server the fleet has; or to the cluster.
    let redis: RedisClient
    /// What took over from the first.
    private let successors = Mutex<[PrivateRedis]>([])
    private let crew = Mutex<[CrewMember]>([])
    /// The jobs that the coordinator has acknowledged to whoever ran it.
    private let acknowledged = Mutex<Set<Int64>>([])

    init(_ options: Options) async throws {
        postgres = try await PrivatePostgres.start(diskOf: options.postgresDisk)
        redisServer = try await PrivateRedis.start(options.redis)
        postgresProxy = try await FaultProxy.start(
            socket: ".s.PGSQL.5432", upstream: "\(postgres.socketFolder)/.s.PGSQL.5432")
        redisProxy = try await FaultProxy.start(socket: "redis.sock", upstream: redisServer.socketPath)
        cluster = if options.clusterPartitions == nil { nil } else { try await PrivateRedisCluster.start() }
        let redisURL = cluster?.url ?? "unix://\(redisProxy.path)"
        provider = try await CountingProvider.start()
        peers = options.peers
        folder = URL(filePath: redisServer.socketPath).deletingLastPathComponent()
        let direct = try await postgres.freshDatabase()
        let name = String(URL(filePath: String(direct.prefix { $0 != "?" })).lastPathComponent)
        var all = [
            "database.url": "postgresql:///\(name)?host=\(postgresProxy.folder)&user=postgres",
            "database.connections": "4", "redis.url": redisURL, "fleet.partitions": "\(options.clusterPartitions ?? 1)",
            "artifacts.path": folder.appending(path: "artifacts").path,
            "publish.path": folder.appending(path: "published").path,
            "scratch.path": folder.appending(path: "scratch").path, "worker.beat": "1s", "worker.lease": "4s",
            "worker.drain": "5s", "retry.base": "50ms", "retry.cap": "1s", "log.level": "info",
            "testing.enabled": "true", "testing.rehearsal": "full", "testing.duration": "50ms",
        ]
        for stage in Production.Stage.allCases { all["\(stage.rawValue).slots"] = "4" }
        if options.pays { all["testing.paid-call"] = "127.0.0.1:\(provider.port)" }
        if let peers { all.merge(peers.settings(in: folder)) { _, new in new } }
        all.merge(options.settings) { _, new in new }
        artifacts = URL(filePath: all["artifacts.path"] ?? "")
        configuration = folder.appending(path: "ytempire.yaml").path
        try Self.yaml(all).write(toFile: configuration, atomically: true, encoding: .utf8)
        let logger = Logger(label: "faults") { _ in SwiftLogNoOpLogHandler() }
        database = PostgresPool(configuration: try PostgresConfiguration(url: direct), logger: logger)
        redis = RedisClient(configuration: try RedisConfiguration(url: redisURL), logger: logger)
        try await run("ytempire", "migrate")
    }

    /// `a.b: c` as a mapping in a mapping.
    private static func yaml(_ settings: [String: String]) -> String {
        let sections = Dictionary(grouping: settings) { String($0.key.prefix { $0 != "." }) }
        return sections.map { section, entries in
            "\(section):\n" + entries.map { "  \($0.key.dropFirst(section.count + 1)): '\($0.value)'\n" }.joined()
        }.joined()
    }

    /// Runs with a fleet that is taken down whatever happens.
    static func with<Answer>(
        _ options: Options, _ body: (FaultFleet) async throws -> Answer
    ) async throws -> Answer {
        let fleet = try await FaultFleet(options)
        do {
            let answer = try await body(fleet)
            await fleet.close()
            return answer
        } catch {
            let failure = await DrillFailure(error, in: fleet)
            await fleet.close()
            throw failure
        }
    }

    private func close() async {
        for member in crew.withLock({ $0 }) { await member.dismiss() }
        await redis.close()
        await database.close()
        await postgresProxy.close()
        await redisProxy.close()
        await provider.close()
    }

    /// Starts a replica of Redis, has it lag behind, kills the master, and puts the replica in its place. Redis must listen
    /// on TCP.
    func failOver() async throws {
        guard let port = redisServer.port else { throw DrillFailure("Redis listens on no port") }
        let replica = try await PrivateRedis.start()
        successors.withLock { $0.append(replica) }
        let logger = Logger(label: "faults") { _ in SwiftLogNoOpLogHandler() }
        let client = RedisClient(
            configuration: try RedisConfiguration(url: "unix://\(replica.socketPath)"), logger: logger)
        _ = try await client.send(RedisCommand("REPLICAOF", "127.0.0.1", RedisArgument(port)))
        try await eventually("the replica has caught up", within: .seconds(30)) {
            try await client.send(RedisCommand("INFO", "replication")).string().contains("master_link_status:up")
        }
        _ = try await client.send(RedisCommand("REPLICAOF", "NO", "ONE"))
        // These writes it will lack.
        try await Task.sleep(for: .milliseconds(500))
        await redisServer.kill()
        redisProxy.move(to: replica.socketPath)
        await client.close()
    }

    // MARK: Programs

    /// Runs a program that must succeed.
    @discardableResult
    func run(_ program: String, _ arguments: String...) async throws -> Programs.Ended {
        let ended = try await Programs.run(program, arguments + ["--config", configuration], in: folder)
        guard ended.status == 0 else { throw DrillFailure("\(ended)") }
        return ended
    }

    /// Starts workers under their usual names: `render-1`.
    ///
    /// - Parameter failpoints: by worker name, for its first run.
    func start(
        _ stages: [Production.Stage] = Production.Stage.allCases, each count: Int = 1,
        failpoints: [String: String] = [:], environment: [String: String] = [:]
    ) throws {
        for stage in stages {
            for index in 1...count {
                let name = "\(stage.rawValue)-\(index)"
                let failpoints = failpoints[name].map { ["YTEMPIRE_TESTING_FAILPOINTS": $0] } ?? [:]
                let run = try WorkerRun(
                    "ytempire-\(stage.rawValue)", name: name, configuration: configuration,
                    environment: failpoints.merging(environment) { own, _ in own })
                crew.withLock { $0.append(CrewMember(run)) }
            }
        }
    }

    var workers: [CrewMember] { crew.withLock { $0 } }

    func worker(_ name: String) throws -> CrewMember {
        guard let found = workers.first(where: { $0.run.name == name }) else { throw DrillFailure("no \(name)") }
        return found
    }

    /// What all workers have logged, the lines about one job only if there is one.
    func logs(of job: Int64? = nil) -> String {
        workers.map { member in
            let lines = member.run.log.split(separator: "\n").filter { line in
                job.map { line.contains("job=\($0) ") || line.hasSuffix("job=\($0)") } ?? true
            }
            return lines.isEmpty ? "" : "── \(member.run.name)\n\(lines.suffix(60).joined(separator: "\n"))\n"
        }.joined()
    }

    // MARK: Jobs

    /// Adds users with a channel each.
    func addUsers(_ count: Int) async throws {
        try await database.execute(
            """
            WITH u AS (INSERT INTO users (name) SELECT 'user ' || n FROM generate_series(
                (SELECT count(*) FROM users) + 1, (SELECT count(*) FROM users) + \(Int64(count))) n RETURNING id, name)
            INSERT INTO channels (user_id, name, slug, source, language, orientation, palette, length_seconds, daily_at)
            SELECT id, name, 'channel-' || id, 'none', 'en', 'landscape', 'ember', 30, '00:00' FROM u
            """)
    }

    /// Opens a day for everyone, and notes what the coordinator says it has opened.
    func open(_ day: String, environment: [String: String] = [:]) async throws {
        let ended = try await coordinate(day, environment: environment)
        guard ended.status == 0 else { throw DrillFailure("\(ended)") }
    }

    /// Runs the coordinator, whatever comes of it, and notes what it says it has opened.
    @discardableResult
    func coordinate(_ day: String?, environment: [String: String] = [:]) async throws -> Programs.Ended {
        let arguments = ["--json", "--config", configuration] + (day.map { ["--day", $0] } ?? [])
        let ended = try await Programs.run("ytempire-coordinator", arguments, in: folder, environment: environment)
        struct Report: Decodable {
            struct Opened: Decodable { var job: Int64? }
            var opened: [Opened]
        }
        if let report = try? JSONDecoder().decode(Report.self, from: Data(ended.out.utf8)) {
            acknowledged.withLock { $0.formUnion(report.opened.compactMap(\.job)) }
        }
        return ended
    }

    var acknowledgedJobs: Set<Int64> { acknowledged.withLock { $0 } }

    /// Waits until no job is unfinished.
    func finish(within limit: Duration = .seconds(120)) async throws {
        try await eventually("every job has ended", within: limit) {
            try await number("SELECT count(*) FROM jobs WHERE finished_at IS NULL") == 0
        }
    }

    // MARK: What Postgres knows

    func number(_ sql: SQL) async throws -> Int64 {
        guard let row = try await database.query(sql).first else { throw DrillFailure("no row") }
        return try row.get(0)
    }

    func texts(_ sql: SQL) async throws -> [String] { try await database.query(sql).map { try $0.get(0) } }

    /// Postgres' clock, by which everything is measured that the fleet did.
    func now() async throws -> String { try await texts("SELECT clock_timestamp()::text")[0] }
}

/// Asks again and again, because nobody can tell: what is awaited may happen on an emptied Redis, or by a dead server.
func eventually(
    _ what: String, within limit: Duration, every interval: Duration = .milliseconds(50),
    _ holds: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while true {
        if try await holds() { return }
        guard ContinuousClock.now < deadline else { throw DrillFailure("after \(limit) not yet: \(what)") }
        try await Task.sleep(for: interval)
    }
}
