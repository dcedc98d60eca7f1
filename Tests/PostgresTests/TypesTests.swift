import Foundation
import Postgres
import Testing

@Suite struct `A value` {
    /// Sends the value, has Postgres take it for `type`, and reads it back.
    private func roundTrip<T: PostgresEncodable & PostgresDecodable>(
        _ value: T, _ type: String, on pool: PostgresPool
    ) async throws -> T {
        try await pool.query("SELECT \(value)::\(unescaped: type) AS value")[0].get("value")
    }

    @Test func `of every type comes back as it went`() async throws {
        let pool = try await freshPool()
        for value in [Int64.min, -1, 0, 1, .max] { #expect(try await roundTrip(value, "bigint", on: pool) == value) }
        for value in [Int32.min, .max] { #expect(try await roundTrip(value, "integer", on: pool) == value) }
        for value in [Int16.min, .max] { #expect(try await roundTrip(value, "smallint", on: pool) == value) }
        for value in [0.1, -0.0, .infinity, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude, 1e100] {
            #expect(try await roundTrip(value, "double precision", on: pool).bitPattern == value.bitPattern)
        }
        #expect(try await roundTrip(Double.nan, "double precision", on: pool).isNaN)
        for value in [true, false] { #expect(try await roundTrip(value, "boolean", on: pool) == value) }
        for value in ["", "plain", "it's \"quoted\" \\ \n\t $1 {a,b} NULL", "日本語 🎬 e\u{301}"] {
            #expect(try await roundTrip(value, "text", on: pool).utf8.elementsEqual(value.utf8))
        }
        for value in [[], [0], Array(0...255), [0x5c, 0x78]] as [[UInt8]] {
            #expect(try await roundTrip(value, "bytea", on: pool) == value)
        }
        let uuid = UUID()
        #expect(try await roundTrip(uuid, "uuid", on: pool) == uuid)
        #expect(try await roundTrip(nil as Int64?, "bigint", on: pool) == nil)
    }

    @Test func `that is a moment is exact to the microsecond, in any time zone`() async throws {
        let pool = try await freshPool(size: 1)
        try await pool.execute("SET TimeZone = 'Asia/Kolkata'")
        for text in [
            "2026-03-01 12:00:00.000001+00", "1999-12-31 23:59:59.999999+00", "1969-07-20 20:17:40.123456+00",
            "2199-02-28 00:00:00+00", "2024-02-29 01:02:03.4+00", "0044-03-15 12:00:00+00 BC", "1883-11-18 12:00:00+00",
            "12026-01-01 00:00:00+00",
        ] {
            let row = try await pool.query("SELECT \(text)::timestamptz AS moment")[0]
            let date: Date = try row.get("moment")
            let same: Bool = try await pool.query("SELECT \(date)::timestamptz = \(text)::timestamptz")[0].get(0)
            #expect(same, "\(text) was read as \(date.timeIntervalSinceReferenceDate)")
        }
        let known = Date(timeIntervalSince1970: 1_772_366_400.5)
        #expect(try await pool.query("SELECT '2026-03-01 12:00:00.5+00'::timestamptz")[0].get(0) == known)
        #expect(try await pool.query("SELECT '2026-03-01 12:00:00.5'::timestamp")[0].get(0) == known)
        let error = await failure { try await pool.query("SELECT \(Date(timeIntervalSinceReferenceDate: .nan))") }
        #expect(error?.code == .invalidParameter)
    }

    @Test func `in an array keeps its place, NULLs and quotes included`() async throws {
        let pool = try await freshPool()
        #expect(try await roundTrip([1, -2, 3] as [Int64], "bigint[]", on: pool) == [1, -2, 3])
        #expect(try await roundTrip([] as [Int64], "bigint[]", on: pool) == [])
        let texts = ["", "NULL", "a,b", "\"q\"", "\\", "{}", " blank ", "日本\n語"]
        #expect(try await roundTrip(texts, "text[]", on: pool) == texts)
        #expect(try await roundTrip(["a", nil, "NULL"], "text[]", on: pool) == ["a", nil, "NULL"])
        let ids = [UUID(), UUID()]
        #expect(try await roundTrip(ids, "uuid[]", on: pool) == ids)
        #expect(try await roundTrip([true, false], "boolean[]", on: pool) == [true, false])
        #expect(try await roundTrip([0.5, -1e300], "float8[]", on: pool) == [0.5, -1e300])
        let dates = [Date(timeIntervalSince1970: 0.25), nil]
        #expect(try await roundTrip(dates, "timestamptz[]", on: pool) == dates)
        let blobs: [[UInt8]] = [[], [0, 92, 34], [255]]
        #expect(try await roundTrip(blobs, "bytea[]", on: pool) == blobs)
        #expect(try await roundTrip([1, nil] as [Int?], "bigint[]", on: pool) == [1, nil])
    }

    @Test func `goes into a set-based statement by unnest`() async throws {
        let pool = try await freshPool()
        let ids: [Int64] = [3, 1, 2]
        let names = ["c", "a", "b"]
        let rows = try await pool.query(
            "SELECT id, name FROM unnest(\(ids)::bigint[], \(names)::text[]) AS t(id, name) ORDER BY id")
        #expect(try rows.map { try $0.get("id", as: Int64.self) } == [1, 2, 3])
        #expect(try rows.map { try $0.get("name", as: String.self) } == ["a", "b", "c"])
    }

    @Test func `takes the type of its place: enums, dates, json, intervals, numerics`() async throws {
        let pool = try await freshPool()
        try await pool.execute("CREATE TYPE mood AS ENUM ('glad', 'sad')")
        try await pool.execute("CREATE TABLE t (m mood, ms mood[], d date, j jsonb, i interval, n numeric, s smallint)")
        try await pool.execute(
            """
            INSERT INTO t VALUES (\("glad"), \(["sad", "glad"]), \("2026-03-01"), \(PostgresValue.jsonb(#"{"a": [1]}"#)),
                \("90 minutes"), \("12345678901234567890.5"), \(7))
            """)
        let row = try await pool.query("SELECT * FROM t WHERE m = \("glad") AND s < \(8)")[0]
        #expect(try row.get("m") == "glad")
        #expect(try row.get("ms") == ["sad", "glad"])
        #expect(try row.get("d") == "2026-03-01")
        #expect(try row.get("j") == #"{"a": [1]}"#)
        #expect(try row.get("i") == "01:30:00")
        #expect(try row.get("n") == "12345678901234567890.5")
        #expect(try row.get("s") == 7)
    }

    @Test func `can be a raw-representable type of the program's own`() async throws {
        enum State: String, PostgresEncodable, PostgresDecodable { case queued, dead }
        let pool = try await freshPool()
        #expect(try await pool.query("SELECT \(State.dead)::text")[0].get(0) == State.dead)
        let error = await failure { try await pool.query("SELECT 'lost'::text AS state")[0].get("state") as State }
        #expect(error?.code == .decoding)
    }

    @Test func `written as SQL stays data`() async throws {
        let pool = try await freshPool()
        try await pool.execute("CREATE TABLE students (name text)")
        let names = ["Robert'); DROP TABLE students; --", "$1", "\\'; SELECT 1", "%s \u{1F4A3}", "'; COMMIT; --"]
        for name in names { try await pool.execute("INSERT INTO students VALUES (\(name))") }
        try await pool.execute("INSERT INTO students SELECT unnest(\(names)::text[])")
        for name in names {
            #expect(try await pool.query("SELECT 1 FROM students WHERE name = \(name)").count == 2)
        }
        let error = await failure { try await pool.execute("INSERT INTO students VALUES (\("cut\0off"))") }
        #expect(error?.code == .invalidParameter)
        #expect("\(error as Any)".contains("off") == false)
    }
}
