import Postgres
import TestServers
import Testing

@Suite struct `A transaction` {
    private func accounts() async throws -> PostgresPool {
        let pool = try await freshPool()
        try await pool.execute("CREATE TABLE account (id bigint PRIMARY KEY, balance bigint NOT NULL)")
        try await pool.execute("INSERT INTO account VALUES (1, 100), (2, 100)")
        return pool
    }

    @Test func `is there whole once committed, and not at all when its body throws`() async throws {
        struct Refusal: Error {}
        let pool = try await accounts()
        let moved = try await pool.transaction { connection in
            try await connection.execute("UPDATE account SET balance = balance - 10 WHERE id = 1")
            return try await connection.execute("UPDATE account SET balance = balance + 10 WHERE id = 2")
        }
        #expect(moved == 1)
        await #expect(throws: Refusal.self) {
            try await pool.transaction { connection in
                try await connection.execute("UPDATE account SET balance = 0")
                throw Refusal()
            }
        }
        let rows = try await pool.query("SELECT balance FROM account ORDER BY id")
        #expect(try rows.map { try $0.get("balance", as: Int.self) } == [90, 110])
    }

    @Test func `may do nothing at all, and the connection serves the next`() async throws {
        let pool = try await freshPool(size: 1)
        try await pool.transaction { _ in }
        #expect(try await pool.query("SELECT 1::int")[0].get(0) == 1)
    }

    @Test func `has the isolation it asked for`() async throws {
        let pool = try await freshPool()
        for isolation in [PostgresPool.Isolation.readCommitted, .repeatableRead, .serializable] {
            let level: String = try await pool.transaction(isolation: isolation) { connection in
                try await connection.query("SELECT current_setting('transaction_isolation')")[0].get(0)
            }
            #expect(level.uppercased() == isolation.rawValue)
        }
    }

    @Test func `runs again after each serialization failure until it fits`() async throws {
        let pool = try await accounts()
        let runs = Counter()
        // Read, then write what was read: without serialization, eight of these would lose updates.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    try await pool.transaction(isolation: .serializable, retries: 1000) { connection in
                        runs.increase()
                        let balance: Int = try await connection.query("SELECT balance FROM account WHERE id = 1")[0]
                            .get(0)
                        try await connection.execute("UPDATE account SET balance = \(balance + 1) WHERE id = 1")
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await pool.query("SELECT balance FROM account WHERE id = 1")[0].get(0) == 108)
        #expect(runs.value >= 8)
    }

    @Test func `runs again when COMMIT itself finds the conflict, and gives up after its retries`() async throws {
        let pool = try await accounts()
        let runs = Counter()
        let error = await failure {
            try await pool.transaction(isolation: .serializable, retries: 2) { connection in
                runs.increase()
                // Write skew: each reads what the other writes, and the other commits first.
                let sum: Int = try await connection.query("SELECT sum(balance)::bigint FROM account")[0].get(0)
                try await pool.transaction(isolation: .serializable) { other in
                    let sum: Int = try await other.query("SELECT sum(balance)::bigint FROM account")[0].get(0)
                    try await other.execute("UPDATE account SET balance = balance + \(sum) WHERE id = 2")
                }
                try await connection.execute("UPDATE account SET balance = balance - \(sum) WHERE id = 1")
            }
        }
        #expect(error?.sqlState == "40001")
        #expect(error?.isTransactionConflict == true)
        #expect(runs.value == 3)
    }

    @Test func `runs again when Postgres chose it as a deadlock's victim`() async throws {
        let pool = try await accounts()
        try await pool.execute(
            "ALTER DATABASE \(unescaped: try await databaseName(pool)) SET deadlock_timeout = '50ms'")
        let fresh = try await reopened(pool)
        let meeting = Meeting(of: 2)
        let runs = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (first, second) in [(1, 2), (2, 1)] {
                group.addTask {
                    try await fresh.transaction { connection in
                        let run = runs.increase()
                        try await connection.execute("UPDATE account SET balance = balance + 1 WHERE id = \(first)")
                        // Both hold their first row before either asks for its second.
                        if run <= 2 { await meeting.arrive() }
                        try await connection.execute("UPDATE account SET balance = balance + 1 WHERE id = \(second)")
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(runs.value == 3)
        let rows = try await fresh.query("SELECT balance FROM account ORDER BY id")
        #expect(try rows.map { try $0.get("balance", as: Int.self) } == [102, 102])
    }

    @Test func `whose body hid an error does not pass for committed`() async throws {
        let pool = try await accounts()
        let error = await failure {
            try await pool.transaction { connection in
                try await connection.execute("UPDATE account SET balance = 0 WHERE id = 1")
                _ = try? await connection.execute("INSERT INTO account VALUES (1, 1)")
            }
        }
        #expect(error?.isUniqueViolation == true)
        #expect(error?.constraint == "account_pkey")
        #expect(try await pool.query("SELECT balance FROM account WHERE id = 1")[0].get(0) == 100)
    }

    @Test func `goes on after an error that a savepoint held`() async throws {
        let pool = try await accounts()
        try await pool.transaction { connection in
            try await connection.execute("SAVEPOINT here")
            _ = try? await connection.execute("INSERT INTO account VALUES (1, 1)")
            try await connection.execute("ROLLBACK TO SAVEPOINT here")
            try await connection.execute("INSERT INTO account VALUES (3, 1)")
        }
        #expect(try await pool.query("SELECT count(*) FROM account")[0].get(0) == 3)
    }

    @Test func `is rolled back when its task was cancelled before COMMIT`() async throws {
        let pool = try await accounts()
        let written = Meeting(of: 2)
        let cancelled = Meeting(of: 2)
        let task = Task {
            try await pool.transaction { connection in
                try await connection.execute("UPDATE account SET balance = 0")
                await written.arrive()
                await cancelled.arrive()
            }
        }
        await written.arrive()
        task.cancel()
        await cancelled.arrive()
        let error = await failure { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(try await pool.query("SELECT sum(balance)::bigint FROM account")[0].get(0) == 200)
    }

    @Test func `whose connection is lost before COMMIT never happened`() async throws {
        let pool = try await accounts()
        let error = await failure {
            try await pool.transaction { connection in
                try await connection.execute("UPDATE account SET balance = 0")
                let pid: Int32 = try await connection.query("SELECT pg_backend_pid()")[0].get(0)
                try await pool.execute("SELECT pg_terminate_backend(\(pid), 5000)")
                try await connection.execute("UPDATE account SET balance = 1")
            }
        }
        #expect(error?.code == .connectionLost)
        #expect(error?.isConnectionTrouble == true)
        #expect(error?.nothingWasSent == false, "only the whole transaction may be repeated")
        #expect(try await pool.query("SELECT sum(balance)::bigint FROM account")[0].get(0) == 200)
    }

    @Test func `whose COMMIT got no answer says that it may have happened`() async throws {
        let server = try await PrivatePostgres.shared
        let url = try await server.freshDatabase()
        let proxy = try CuttingProxy(to: server, trigger: "COMMIT\0", cut: .afterSending)
        let direct = try pool(url)
        try await direct.execute("CREATE TABLE payment (id uuid PRIMARY KEY)")
        let cut = try pool(proxy.url(database: url))
        let id = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
        @Sendable func pay() async throws {
            try await cut.transaction { connection in
                try await connection.execute("INSERT INTO payment VALUES (\(id)) ON CONFLICT DO NOTHING")
            }
        }
        proxy.arm()
        let error = await failure { try await pay() }
        #expect(error?.code == .commitUnknown)
        #expect(error?.isConnectionTrouble == true)
        #expect(try await direct.query("SELECT 1 FROM payment").count == 1, "it had happened")
        // What the caller does about it: the same again.
        try await pay()
        #expect(try await direct.query("SELECT 1 FROM payment").count == 1)
    }

    @Test func `whose COMMIT is swallowed by the network ends by the deadline`() async throws {
        let server = try await PrivatePostgres.shared
        let url = try await server.freshDatabase()
        let proxy = try CuttingProxy(to: server, trigger: "COMMIT\0", cut: .silently)
        let direct = try pool(url)
        try await direct.execute("CREATE TABLE payment (id int)")
        let cut = try pool(proxy.url(database: url)) { $0.statementTimeout = .seconds(3) }
        proxy.arm()
        let error = await failure {
            try await cut.transaction { try await $0.execute("INSERT INTO payment VALUES (1)") }
        }
        #expect(error?.code == .commitUnknown)
        #expect(try await cut.query("SELECT 1::int")[0].get(0) == 1)
    }

    private func databaseName(_ pool: PostgresPool) async throws -> String {
        try await pool.query("SELECT current_database()::text")[0].get(0)
    }

    private func reopened(_ old: PostgresPool) async throws -> PostgresPool {
        let name = try await databaseName(old)
        return try await pool(PrivatePostgres.shared.url(database: name))
    }
}
