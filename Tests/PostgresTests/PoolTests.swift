import Foundation
import Postgres
import TestServers
import Testing

@Suite struct `A pool` {
    @Test func `serves five thousand callers at once over ten connections`() async throws {
        let pool = try await freshPool(size: 10)
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 1...5000 {
                group.addTask { try await pool.query("SELECT \(number)::int")[0].get(0) }
            }
            return try await group.reduce(0, +)
        }
        #expect(sum == 5000 * 5001 / 2)
        let sessions: Int = try await pool.query(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")[0].get(0)
        #expect(sessions <= 10)
    }

    @Test func `blocks no thread of the cooperative pool while its statements run`() async throws {
        let size = 4 * ProcessInfo.processInfo.activeProcessorCount
        let pool = try await freshPool(size: size)
        // Each holds its statement until all others have come, so all must be under way at the same time.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<size {
                group.addTask {
                    try await pool.withConnection { connection in
                        _ = try await connection.query("SELECT pg_advisory_lock(\(number))")
                        while try await connection.query(
                            """
                            SELECT 1 FROM pg_locks WHERE locktype = 'advisory'
                              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                            """
                        ).count < size {}
                        _ = try await connection.query("SELECT pg_sleep(0.01)")
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func `retries at once on a fresh connection what could not be sent`() async throws {
        let pool = try await freshPool(size: 1)
        let other = try await pool.session()
        let pid: Int32 = try await pool.query("SELECT pg_backend_pid()")[0].get(0)
        try await other.execute("SELECT pg_terminate_backend(\(pid), 5000)")
        #expect(try await pool.query("SELECT pg_backend_pid()")[0].get(0, as: Int32.self) != pid)
        let second: Int32 = try await pool.query("SELECT pg_backend_pid()")[0].get(0)
        try await other.execute("SELECT pg_terminate_backend(\(second), 5000)")
        try await pool.transaction { try await $0.execute("CREATE TABLE t ()") }
        await other.close()
    }

    @Test func `says that a statement under way was lost with its connection`() async throws {
        let pool = try await freshPool(size: 2)
        async let error = failure { try await pool.query("SELECT pg_sleep(3602)") }
        try await pool.untilSomeone(runs: "pg_sleep(3602)")
        try await pool.execute(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE query = 'SELECT pg_sleep(3602)' AND pid <> pg_backend_pid()
            """)
        #expect(await error?.code == .connectionLost)
        #expect(await error?.sqlState == "57P01")
        #expect(await error?.nothingWasSent == false)
    }

    @Test func `heals after its server was killed: callers wait and nothing committed is lost`() async throws {
        let server = try await PrivatePostgres.start()
        let pool = try await freshPool(size: 8, on: server) { $0.acquireTimeout = .seconds(60) }
        try await pool.execute("CREATE TABLE entry (id bigint PRIMARY KEY)")
        let started = Counter()
        let acknowledged = try await withThrowingTaskGroup(of: [Int].self) { group in
            for worker in 0..<16 {
                group.addTask {
                    var mine: [Int] = []
                    for number in 0..<60 {
                        let id = worker * 1000 + number
                        while true {
                            started.increase()
                            do {
                                try await pool.execute("INSERT INTO entry VALUES (\(id)) ON CONFLICT DO NOTHING")
                                break
                            } catch let error as PostgresError where error.isConnectionTrouble {
                                continue
                            }
                        }
                        mine.append(id)
                    }
                    return mine
                }
            }
            while started.value < 200 { await Task.yield() }
            await server.kill()
            try await server.restart()
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let kept = try await pool.query("SELECT id FROM entry").map { try $0.get("id", as: Int.self) }
        #expect(Set(kept) == Set(acknowledged))
        #expect(kept.count == 16 * 60)
    }

    @Test func `makes callers wait for a server that is not there yet, and gives up in time`() async throws {
        let server = try await PrivatePostgres.start()
        let url = try await server.freshDatabase()
        let patient = try pool(url) { $0.acquireTimeout = .seconds(60) }
        await server.stopImmediately()
        let hasty = try pool(url) { $0.acquireTimeout = .milliseconds(200) }
        let error = await failure { try await hasty.query("SELECT 1") }
        #expect(error?.code == .connectionFailed)
        #expect(error?.isConnectionTrouble == true)
        async let answer = patient.query("SELECT 7::int")[0].get(0, as: Int.self)
        try await server.restart()
        #expect(try await answer == 7)
    }

    @Test func `fails at once where waiting can't help`() async throws {
        let server = try await PrivatePostgres.shared
        let absent = try pool(server.url(database: "absent")) { $0.acquireTimeout = .seconds(600) }
        let error = await failure { try await absent.query("SELECT 1") }
        #expect(error?.code == .connectionFailed)
        #expect(error?.message.contains(#"database "absent" does not exist"#) == true)
    }

    @Test func `turns a caller away whose wait was too long, or who was cancelled`() async throws {
        let pool = try await freshPool(size: 1) { $0.acquireTimeout = .milliseconds(100) }
        try await pool.withConnection { connection in
            let error = await failure { try await pool.query("SELECT 1") }
            #expect(error?.code == .poolTimeout)
            let waiting = Task { try await pool.query("SELECT 1") }
            waiting.cancel()
            #expect(await failure { try await waiting.value }?.code == .cancelled)
            _ = try await connection.query("SELECT 1")
        }
        #expect(try await pool.query("SELECT 1::int")[0].get(0) == 1)
    }

    @Test func `cleans up a transaction that was left open`() async throws {
        let pool = try await freshPool(size: 1)
        try await pool.execute("CREATE TABLE t (n int)")
        try await pool.withConnection { connection in
            try await connection.execute("BEGIN")
            try await connection.execute("INSERT INTO t VALUES (1)")
        }
        #expect(try await pool.query("SELECT 1 FROM t").isEmpty)
    }

    @Test func `once closed refuses, and leaves no session behind`() async throws {
        let server = try await PrivatePostgres.shared
        let url = try await server.freshDatabase()
        let watched = try pool(url)
        let watcher = try pool(url)
        try await watched.execute("SET application_name = 'watched'")
        await watched.close()
        let error = await failure { try await watched.query("SELECT 1") }
        #expect(error?.code == .poolClosed)
        while try await watcher.query("SELECT 1 FROM pg_stat_activity WHERE application_name = 'watched'").count > 0 {}
    }

    @Test func `runs a batch in one round trip, all or none`() async throws {
        let pool = try await freshPool()
        try await pool.execute("CREATE TABLE t (n int PRIMARY KEY)")
        let results = try await pool.run(["INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)", "SELECT n FROM t"])
        #expect(results.map(\.affectedRows) == [1, 1, 2])
        let error = await failure { try await pool.run(["INSERT INTO t VALUES (3)", "INSERT INTO t VALUES (1)"]) }
        #expect(error?.isUniqueViolation == true)
        #expect(error?.statement == "INSERT INTO t VALUES (1)")
        #expect(try await pool.query("SELECT 1 FROM t").count == 2)
    }
}
