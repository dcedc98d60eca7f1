import Foundation
import Postgres
import Testing

@Suite struct `A row` {
    @Test func `refuses the wrong type, naming column, type and statement`() async throws {
        let pool = try await freshPool()
        let row = try await pool.query("SELECT 1::bigint AS number, 'w'::text AS word, now() AS moment")[0]
        let wrong: [PostgresError?] = await [
            failure { try row.get("number", as: String.self) },
            failure { try row.get("number", as: Int32.self) },
            failure { try row.get("number", as: [Int].self) },
            failure { try row.get("word", as: Int.self) },
            failure { try row.get("word", as: UUID.self) },
            failure { try row.get("moment", as: String.self) },
            failure { try row.get("moment", as: Double.self) },
        ]
        for error in wrong {
            #expect(error?.code == .decoding)
            #expect(error?.description.contains("SELECT 1::bigint") == true)
        }
        #expect(wrong[0]?.message == #"column "number" is bigint and can't be read as String"#)
        #expect(wrong[2]?.message == #"column "number" is bigint and can't be read as Array<Int>"#)
    }

    @Test func `refuses NULL unless it is asked for an optional`() async throws {
        let pool = try await freshPool()
        let row = try await pool.query("SELECT NULL::bigint AS number, ARRAY[1, NULL]::bigint[] AS list")[0]
        #expect(try row.get("number", as: Int?.self) == nil)
        #expect(try row.get("list", as: [Int?].self) == [1, nil])
        let error = await failure { try row.get("number", as: Int.self) }
        #expect(error?.code == .decoding)
        #expect(error?.message == #"column "number" is NULL and was read as Int"#)
        #expect(await failure { try row.get("list", as: [Int].self) }?.code == .decoding)
    }

    @Test func `is read by name or place, and says which columns there are`() async throws {
        let pool = try await freshPool()
        let row = try await pool.query(#"SELECT 1::int AS "Mixed Case", 2::int AS b, 3::int AS b"#)[0]
        #expect(try row.get("Mixed Case") == 1)
        #expect(try row.get("b") == 2)
        #expect(try row.get(2) == 3)
        let second: Int = try row[1]
        let named: Int = try row["b"]
        #expect(second == 2 && named == 2)
        let error = await failure { try row.get("c", as: Int.self) }
        #expect(error?.message == #"there is no column "c"; there are: Mixed Case, b, b"#)
        #expect(await failure { try row.get(3, as: Int.self) }?.code == .decoding)
    }

    @Test func `refuses a type of the database's own as a number`() async throws {
        let pool = try await freshPool()
        try await pool.execute("CREATE TYPE mood AS ENUM ('glad', 'sad')")
        let row = try await pool.query("SELECT 'sad'::mood AS mood, '{sad}'::mood[] AS moods")[0]
        let error = await failure { try row.get("mood", as: Int.self) }
        #expect(error?.message.contains("column \"mood\" is a type of this database") == true)
        #expect(await failure { try row.get("moods", as: [Int].self) }?.code == .decoding)
    }

    @Test func `outlives its connection`() async throws {
        let pool = try await freshPool()
        let rows = try await pool.query("SELECT n::int FROM generate_series(1, 1000) AS n")
        await pool.close()
        #expect(try rows.map { try $0.get("n", as: Int.self) } == Array(1...1000))
    }
}
