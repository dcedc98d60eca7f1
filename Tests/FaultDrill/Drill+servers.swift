import Foundation
import Glibc
import Postgres
import Redis
import TestServers

extension Drill {
    /// A fleet in the midst of its work, to which something is done; then it ends what it has.
    static func midst(
        _ options: FaultFleet.Options = .init(), jobs: Int = 12, each workers: Int = 1,
        limit: Duration = .seconds(120), _ fault: @escaping @Sendable (FaultFleet) async throws -> Void
    ) async throws -> Outcome {
        var options = options
        options.settings["testing.duration"] = options.settings["testing.duration"] ?? "400ms"
        return try await FaultFleet.with(options) { fleet in
            try await fleet.addUsers(jobs)
            try fleet.start(each: workers)
            try await fleet.open("2026-05-01")
            try await eventually("every stage is at work", within: .seconds(60)) {
                try await fleet.number("SELECT count(DISTINCT stage) FROM attempts") >= 3
            }
            try await fault(fleet)
            let healed = try await fleet.now()
            let before = try await fleet.number("SELECT count(*) FROM jobs WHERE finished_at IS NULL")
            try await fleet.finish(within: limit)
            let recovery = try await fleet.texts(
                """
                SELECT COALESCE(extract(epoch FROM min(started_at) - \(healed)::text::timestamptz)::text, '')
                FROM attempts WHERE started_at > \(healed)::text::timestamptz
                """
            ).first.flatMap(Double.init)
            return Outcome(try await Oracle(fleet).check(), recovery: before == 0 ? nil : recovery)
        }
    }

    /// Fault 4: Redis.
    static let redisDrills: [Drill] = [
        Drill(4, "Redis killed and restarted, empty", quick: true) {
            try await midst { try await $0.redisServer.restart() }
        },
        Drill(4, "Redis killed and restarted with its append-only file") {
            var options = FaultFleet.Options()
            options.redis.appendOnly = true
            return try await midst(options) { try await $0.redisServer.restart() }
        },
        Drill(4, "FLUSHALL while every worker is mid-stage: no stage started twice", quick: true) {
            try await midst { fleet in
                for _ in 1...3 {
                    _ = try await fleet.redis.send(RedisCommand("FLUSHALL"))
                    try await Task.sleep(for: .milliseconds(300))
                }
                try await fleet.finish()
                let again = try await fleet.number(
                    "SELECT count(*) FROM (SELECT FROM attempts GROUP BY job_id, stage HAVING count(*) > 1) twice")
                guard again == 0 else { throw DrillFailure("\(again) stages were started twice") }
            }
        },
        Drill(4, "Redis stopped for a minute") {
            try await midst { fleet in
                fleet.redisServer.signal(SIGSTOP)
                try await Task.sleep(for: .seconds(60))
                fleet.redisServer.signal(SIGCONT)
            }
        },
        Drill(4, "Redis full under noeviction") {
            try await midst { fleet in
                let configure = { (value: String) in
                    _ = try await fleet.redis.send(RedisCommand("CONFIG", "SET", "maxmemory", RedisArgument(value)))
                }
                try await configure("1mb")
                try await Task.sleep(for: .seconds(6))
                // Opening a day while it is full is acknowledged: the jobs are in Postgres.
                try await fleet.coordinate("2026-05-02")
                try await configure("0")
            }
        },
        Drill(4, "streams and groups deleted: NOGROUP and UNBLOCKED") {
            try await midst { fleet in
                for stage in ["script", "voice", "render", "upload"] {
                    for priority in ["interactive", "daily"] {
                        let key = RedisArgument("{ytempire:0}:ready:\(stage):\(priority)")
                        _ = try? await fleet.redis.send(RedisCommand("XGROUP", "DESTROY", key, "workers"))
                        if stage != "voice" { _ = try await fleet.redis.send(RedisCommand("DEL", key)) }
                    }
                }
            }
        },
        Drill(4, "a failover to a replica that lacks the last writes") {
            var options = FaultFleet.Options()
            options.redis.tcp = true
            return try await midst(options) { try await $0.failOver() }
        },
        Drill(4, "a primary of a Redis Cluster killed, its replica promoted") {
            var options = FaultFleet.Options()
            options.clusterPartitions = 6
            return try await midst(options, jobs: 24) { _ = try await $0.cluster?.failOver("{ytempire:0}:live") }
        },
        Drill(4, "every server of a Redis Cluster killed and restarted, empty") {
            var options = FaultFleet.Options()
            options.clusterPartitions = 6
            return try await midst(options, jobs: 24) { fleet in
                guard let cluster = fleet.cluster else { return }
                for node in cluster.nodes { await cluster.kill(node) }
                for node in cluster.nodes { try cluster.restart(node) }
                try await cluster.untilWhole()
            }
        },
        Drill(4, "a truncated append-only file") {
            var options = FaultFleet.Options()
            options.redis.appendOnly = true
            return try await midst(options) { fleet in
                await fleet.redisServer.kill()
                let folder = fleet.folder.appending(path: "appendonlydir")
                for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
                where file.pathExtension == "aof" && file.lastPathComponent.contains("incr") {
                    let handle = try FileHandle(forWritingTo: file)
                    let length = try handle.seekToEnd()
                    try handle.truncate(atOffset: length * 2 / 3)
                    try handle.close()
                }
                try await fleet.redisServer.restart()
            }
        },
    ]

    /// Fault 5: Postgres.
    static let postgresDrills: [Drill] = [
        Drill(5, "Postgres killed in the middle of commits that nobody hears of", quick: true) {
            try await midst { fleet in
                for _ in 1...3 {
                    let cuts = fleet.postgresProxy.cuts
                    // A stage's end is one statement and its own transaction; the word is what it is told to write.
                    fleet.postgresProxy.set(.cutAfterSending("succeeded"))
                    try await eventually("a commit was cut off", within: .seconds(20), every: .milliseconds(2)) {
                        fleet.postgresProxy.cuts > cuts
                    }
                    try await fleet.postgres.restart()
                }
            }
        },
        Drill(5, "Postgres restarted under load, three times") {
            try await midst(jobs: 30) { fleet in
                for _ in 1...3 {
                    await fleet.postgres.stop()
                    try await fleet.postgres.restart()
                    try await Task.sleep(for: .milliseconds(500))
                }
            }
        },
        Drill(5, "every connection of Postgres taken by others") {
            try await midst { fleet in
                try await exhaustConnections(of: fleet)
            }
        },
        Drill(5, "Postgres read-only for a while") {
            try await midst { fleet in
                for setting in ["on", "off"] {
                    let flag: SQL =
                        setting == "on"
                        ? "ALTER SYSTEM SET default_transaction_read_only = on"
                        : "ALTER SYSTEM SET default_transaction_read_only = off"
                    try await fleet.database.execute(flag)
                    _ = try await fleet.database.query("SELECT pg_reload_conf()")
                    try await Task.sleep(for: .seconds(5))
                }
            }
        },
        Drill(5, "Postgres' disk full, until it goes down and cannot come up") {
            var options = FaultFleet.Options()
            options.postgresDisk = 200
            return try await midst(options, jobs: 30) { try await fillDiskOfPostgres(of: $0) }
        },
    ]

    /// First tables can't grow, then the log can't, which ends the server, and while there is no space it can't recover.
    private static func fillDiskOfPostgres(of fleet: FaultFleet) async throws {
        try await fleet.database.execute("CREATE TABLE filling (text text)")
        let filler = fleet.postgres.disk.appending(path: "filler")
        try Disk.fill(with: filler)
        try await eventually("a table can't grow", within: .seconds(20)) {
            do throws(PostgresError) {
                _ = try await fleet.database.query("INSERT INTO filling SELECT n::text FROM generate_series(1, 5000) n")
                return false
            } catch {
                return error.sqlState == "53100"
            }
        }
        try await Task.sleep(for: .seconds(3))
        try await eventually("the log can't grow", within: .seconds(60), every: .milliseconds(1)) {
            do throws(PostgresError) {
                _ = try await fleet.database.query(
                    "SELECT pg_logical_emit_message(true, 'drill', repeat('x', 1000000))::text")
                return false
            } catch {
                return error.isConnectionTrouble
            }
        }
        try await Task.sleep(for: .seconds(3))
        try FileManager.default.removeItem(at: filler)
        try await fleet.postgres.restart()
    }

    /// Takes what is left of the connections, throws the fleet's own out, and keeps them out for a while.
    private static func exhaustConnections(of fleet: FaultFleet) async throws {
        var taken: [PostgresConnection] = []
        try await fleet.database.execute("SELECT 1")
        while taken.count < 400 {
            guard let session = try? await fleet.database.session() else { break }
            taken.append(session)
            if taken.count == 150 {
                _ = try? await taken[0].query(
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE backend_type = 'client backend' AND query NOT LIKE '%pg_terminate_backend%' AND pid <> pg_backend_pid()
                      AND application_name <> 'drill' AND state = 'idle' AND query LIKE '%workers%'
                    """)
            }
        }
        try await Task.sleep(for: .seconds(6))
        for session in taken { await session.close() }
    }

    /// Fault 6: the network, for longer than the lease of four seconds.
    static let cuts: [Drill] = [
        ("worker–Redis cut silently", true, FaultProxy.Fault.blackHole(nil)),
        ("worker–Redis cut one way: commands lost", true, .blackHole(.toServer)),
        ("worker–Redis cut one way: answers lost", true, .blackHole(.toClient)),
        ("worker–Postgres cut silently", false, .blackHole(nil)),
        ("worker–Postgres cut one way: statements lost", false, .blackHole(.toServer)),
        ("worker–Postgres cut one way: answers lost", false, .blackHole(.toClient)),
        ("worker–Redis connections broken at byte 700", true, .reset(atByte: 700, .toServer)),
        ("worker–Postgres connections broken at byte 900", false, .reset(atByte: 900, .toClient)),
        ("worker–Redis answers 300 ms late, and ends slowly told", true, .delay(.milliseconds(300))),
    ].map { name, isRedis, fault in
        Drill(6, name, quick: name == "worker–Postgres cut one way: answers lost") {
            try await midst { fleet in
                let proxy = isRedis ? fleet.redisProxy : fleet.postgresProxy
                proxy.set(fault)
                try await Task.sleep(for: .seconds(8))
                proxy.set(.none)
            }
        }
    }
}
