import Postgres
import TestServers
import Testing

@Suite struct `Cancelling` {
    @Test func `a task ends its statement on the server and keeps the connection`() async throws {
        let pool = try await freshPool()
        let connection = try await pool.session()
        let pid: Int32 = try await connection.query("SELECT pg_backend_pid()")[0].get(0)
        let task = Task { try await connection.query("SELECT pg_sleep(3600)") }
        try await pool.untilSomeone(runs: "pg_sleep(3600)")
        task.cancel()
        let error = await failure { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(error?.statement == "SELECT pg_sleep(3600)")
        #expect(try await pool.sessions(running: "pg_sleep(3600)") == 0)
        #expect(try await connection.query("SELECT pg_backend_pid()")[0].get(0) == pid)
        await connection.close()
    }

    @Test func `a task before its statement sends nothing`() async throws {
        let pool = try await freshPool()
        try await pool.execute("CREATE TABLE t (n int)")
        let error = await failure {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.cancelAll()
                group.addTask { try await pool.execute("INSERT INTO t VALUES (1)") }
                try await group.waitForAll()
            }
        }
        #expect(error?.code == .cancelled)
        #expect(error?.nothingWasSent == true)
        #expect(try await pool.query("SELECT 1 FROM t").isEmpty)
    }

    @Test func `many tasks at random moments never hits a neighbour's statement`() async throws {
        let pool = try await freshPool(size: 4)
        let wrong = await withTaskGroup(of: String?.self) { group in
            for number in 0..<400 {
                group.addTask {
                    let task = Task { try await pool.query("SELECT \(number)::int, pg_sleep(0.001)") }
                    if number.isMultiple(of: 2) { task.cancel() }
                    do {
                        let value: Int = try await task.value[0].get(0)
                        return value == number ? nil : "got \(value) for \(number)"
                    } catch let error as PostgresError where error.code == .cancelled {
                        return number.isMultiple(of: 2) ? nil : "\(number) was not cancelled by anybody"
                    } catch {
                        return "\(error)"
                    }
                }
            }
            return await group.reduce(into: []) { $0 += $1.map { [$0] } ?? [] }
        }
        #expect(wrong.isEmpty)
    }

    @Test func `by the connection's own limit is a time-out`() async throws {
        let pool = try await freshPool(size: 1) { $0.statementTimeout = .seconds(1) }
        let pid: Int32 = try await pool.query("SELECT pg_backend_pid()")[0].get(0)
        let error = await failure { try await pool.query("SELECT pg_sleep(3600)") }
        #expect(error?.code == .timedOut)
        #expect(error?.sqlState == "57014")
        #expect(try await pool.query("SELECT pg_backend_pid()")[0].get(0) == pid)
    }

    @Test func `by one call's limit is a time-out too, also inside a transaction`() async throws {
        let pool = try await freshPool(size: 1)
        let pid: Int32 = try await pool.query("SELECT pg_backend_pid()")[0].get(0)
        let error = await failure {
            try await pool.query("SELECT pg_sleep(3600)", timeout: .milliseconds(50))
        }
        #expect(error?.code == .timedOut)
        let second = await failure {
            try await pool.transaction { try await $0.execute("SELECT pg_sleep(3600)", timeout: .milliseconds(50)) }
        }
        #expect(second?.code == .timedOut)
        #expect(try await pool.query("SELECT pg_backend_pid()", timeout: .seconds(60))[0].get(0) == pid)
    }

    @Test func `by somebody else's hand is the server's error`() async throws {
        let pool = try await freshPool()
        async let error = failure { try await pool.query("SELECT pg_sleep(3601)") }
        try await pool.untilSomeone(runs: "pg_sleep(3601)")
        try await pool.execute(
            """
            SELECT pg_cancel_backend(pid) FROM pg_stat_activity
            WHERE query = 'SELECT pg_sleep(3601)' AND pid <> pg_backend_pid()
            """)
        #expect(await error?.code == .server("57014"))
    }

    @Test func `a statement whose server fell silent gives the connection up`() async throws {
        let server = try await PrivatePostgres.shared
        let url = try await server.freshDatabase()
        let proxy = try CuttingProxy(to: server, trigger: "swallowed", cut: .silently)
        let pool = try pool(proxy.url(database: url))
        proxy.arm()
        let error = await failure {
            try await pool.query("SELECT 'swallowed'", timeout: .milliseconds(50))
        }
        #expect(error?.code == .connectionLost)
        #expect(try await pool.query("SELECT 'swallowed'::text")[0].get(0) == "swallowed")
    }
}
