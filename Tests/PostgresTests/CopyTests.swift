import Foundation
import Postgres
import Testing

@Suite struct `COPY` {
    @Test func `loads rows of every type as they are`() async throws {
        let pool = try await freshPool()
        try await pool.execute(
            """
            CREATE TABLE "Odd table" (id bigint, word text, data bytea, at timestamptz, flag boolean, price float8,
                list text[], doc jsonb, key uuid)
            """)
        let words = ["plain", "tab\there", "line\nbreak\r", "back\\slash \\N \\.", "", "日本語"]
        let moment = Date(timeIntervalSince1970: 1_772_366_400.000001)
        let key = UUID()
        let rows: [[PostgresValue]] = words.enumerated().map { index, word in
            [
                .int64(Int64(index)), .text(word), .bytes([0, 9, 10, 92, 255]), .timestamp(moment), .bool(true),
                .double(0.1), .array([.text(word), .null]), .jsonb(#"{"a": "b\\n"}"#), .uuid(key),
            ]
        }
        let nulls = [PostgresValue](repeating: .null, count: 9)
        let columns = ["id", "word", "data", "at", "flag", "price", "list", "doc", "key"]
        #expect(try await pool.copy(into: "public.Odd table", columns: columns, rows: rows + [nulls]) == 7)
        let read = try await pool.query(#"SELECT * FROM "Odd table" ORDER BY id"#)
        #expect(try read.prefix(6).map { try $0.get("word", as: String.self) } == words)
        #expect(try read[1].get("data") == [0, 9, 10, 92, 255] as [UInt8])
        #expect(try read[1].get("at") == moment)
        #expect(try read[3].get("list") == [words[3], nil])
        #expect(try read[3].get("doc") == #"{"a": "b\\n"}"#)
        #expect(try read[0].get("key") == key)
        #expect(try read[6].get("word", as: String?.self) == nil)
    }

    @Test func `loads more than fits into one piece`() async throws {
        let pool = try await freshPool()
        try await pool.execute("CREATE TABLE t (n bigint, filler text)")
        let rows = (0..<50_000).lazy.map { [PostgresValue.int64($0), .text("thirty bytes of filling matter")] }
        #expect(try await pool.copy(into: "t", columns: ["n", "filler"], rows: rows) == 50_000)
        #expect(try await pool.query("SELECT sum(n)::bigint FROM t")[0].get(0) == 50_000 * 49_999 / 2)
    }

    @Test func `loads nothing when one row is wrong, and the connection stays good`() async throws {
        let pool = try await freshPool(size: 1)
        try await pool.execute("CREATE TABLE t (n bigint CHECK (n < 10))")
        let wrong: [[[PostgresValue]]] = [[[.int64(1)], [.int64(99)]], [[.int64(1)], [.text("word")]]]
        for rows in wrong {
            let error = await failure { try await pool.copy(into: "t", columns: ["n"], rows: rows) }
            #expect(["23514", "22P02"].contains(error?.sqlState))
        }
        let uneven = await failure { try await pool.copy(into: "t", columns: ["n"], rows: [[.int64(1)], []]) }
        #expect(uneven?.code == .invalidParameter)
        let absent = await failure { try await pool.copy(into: "absent", columns: ["n"], rows: [[.int64(1)]]) }
        #expect(absent?.sqlState == "42P01")
        #expect(try await pool.query("SELECT 1 FROM t").isEmpty)
    }

    @Test func `is part of the transaction it stands in`() async throws {
        struct Refusal: Error {}
        let pool = try await freshPool()
        try await pool.execute("CREATE TABLE t (n bigint)")
        await #expect(throws: Refusal.self) {
            try await pool.transaction { connection in
                #expect(try await connection.copy(into: "t", columns: ["n"], rows: [[.int64(1)]]) == 1)
                throw Refusal()
            }
        }
        #expect(try await pool.query("SELECT 1 FROM t").isEmpty)
        try await pool.transaction { _ = try await $0.copy(into: "t", columns: ["n"], rows: [[.int64(2)]]) }
        #expect(try await pool.query("SELECT n FROM t")[0].get(0) == 2)
    }

    @Test func `in a place where it can't be does no harm to the pool`() async throws {
        let pool = try await freshPool(size: 1)
        try await pool.execute("CREATE TABLE t (n bigint)")
        for statement in ["COPY t TO STDOUT", "COPY t FROM STDIN"] as [SQL] {
            let error = await failure { try await pool.query(statement) }
            #expect(error?.code == .connectionLost)
            let script = await failure {
                try await pool.withConnection { try await $0.runScript("SELECT 1; \(statement.text)") }
            }
            #expect(script != nil)
            #expect(try await pool.query("SELECT 1::int")[0].get(0) == 1)
        }
    }

    @Test func `stops when its task is cancelled`() async throws {
        let pool = try await freshPool(size: 1)
        try await pool.execute("CREATE TABLE t (n bigint)")
        let task = Task {
            // Endless: only cancellation ends it.
            try await pool.copy(
                into: "t", columns: ["n"], rows: sequence(first: 0) { $0 + 1 }.lazy.map { [.int64($0)] })
        }
        task.cancel()
        #expect(await failure { try await task.value }?.code == .cancelled)
        #expect(try await pool.query("SELECT 1 FROM t").isEmpty)
    }
}
