import Postgres
import Testing

@Suite struct `A prepared statement` {
    @Test func `is prepared once per connection and text`() async throws {
        let pool = try await freshPool(size: 1)
        for number in 0..<5 { try await pool.execute("SELECT \(number)::int") }
        let count: Int = try await pool.query(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT $1::int'")[0].get(0)
        #expect(count == 1)
    }

    @Test func `is prepared anew after its table changed, also inside a transaction`() async throws {
        let pool = try await freshPool(size: 1)
        try await pool.execute("CREATE TABLE t (a int)")
        try await pool.execute("INSERT INTO t VALUES (1)")
        #expect(try await pool.query("SELECT * FROM t")[0].get("a") == 1)
        try await pool.execute("ALTER TABLE t ADD b int DEFAULT 2")
        #expect(try await pool.query("SELECT * FROM t")[0].get("b") == 2)
        try await pool.execute("ALTER TABLE t ADD c int DEFAULT 3")
        let value: Int = try await pool.transaction { try await $0.query("SELECT * FROM t")[0].get("c") }
        #expect(value == 3)
    }

    @Test func `is prepared anew after the server forgot it`() async throws {
        let pool = try await freshPool(size: 1)
        #expect(try await pool.query("SELECT 5::int")[0].get(0) == 5)
        try await pool.execute("DEALLOCATE ALL")
        #expect(try await pool.query("SELECT 5::int")[0].get(0) == 5)
    }

    @Test func `makes room for others, so that changing texts don't fill the server`() async throws {
        let pool = try await freshPool(size: 1)
        for number in 0..<600 { try await pool.execute("SELECT \(unescaped: "\(number)")") }
        let count: Int = try await pool.query("SELECT count(*) FROM pg_prepared_statements")[0].get(0)
        #expect(count <= 258)
        #expect(try await pool.query("SELECT 3::int")[0].get(0) == 3)
    }

    @Test func `that is wrong names itself and leaves the connection good`() async throws {
        let pool = try await freshPool(size: 1)
        let secret = "hunter2"
        let error = await failure { try await pool.query("SELECT  nothing\nFROM nowhere WHERE a = \(secret)") }
        #expect(error?.code == .server("42P01"))
        #expect(error?.description.contains("statement: SELECT nothing FROM nowhere WHERE a = $1") == true)
        #expect(error?.description.contains(secret) == false)
        #expect(try await pool.query("SELECT 1::int")[0].get(0) == 1)
    }
}
