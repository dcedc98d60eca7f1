import Postgres
import Testing

@Suite struct `A statement` {
    @Test func `binds what is interpolated and splices nothing`() {
        let name = "Robert'); DROP TABLE students; --"
        let sql: SQL = "SELECT * FROM students WHERE name = \(name) AND age > \(7)"
        #expect(sql.text == "SELECT * FROM students WHERE name = $1 AND age > $2")
        #expect(sql.parameters == [.text(name), .int64(7)])
    }

    @Test func `carries another statement's parameters along, numbered anew`() {
        let filter: SQL = "state = \("queued") AND '$1' <> \(true)"
        let sql: SQL = "SELECT \(1), \(2) FROM job WHERE \(filter) OR \(filter) LIMIT \(3)"
        #expect(
            sql.text
                == "SELECT $1, $2 FROM job WHERE state = $3 AND '$1' <> $4 OR state = $5 AND '$1' <> $6 LIMIT $7")
        #expect(
            sql.parameters == [
                .int64(1), .int64(2), .text("queued"), .bool(true), .text("queued"), .bool(true), .int64(3),
            ])
    }

    @Test func `keeps parameters in order beyond nine`() {
        let ten: SQL = "\(1)\(2)\(3)\(4)\(5)\(6)\(7)\(8)\(9)\(10)é"
        let sql: SQL = "ü\(0) \(ten) \(11)"
        #expect(sql.text == "ü$1 $2$3$4$5$6$7$8$9$10$11é $12")
        #expect(sql.parameters == (0...11).map { .int64($0) })
    }

    @Test func `takes text as it stands only where that is said`() {
        let table = "\"odd name\""
        let sql: SQL = "SELECT 1 FROM \(unescaped: table)"
        #expect(sql.text == "SELECT 1 FROM \"odd name\"")
        #expect(sql.parameters.isEmpty)
    }

    @Test func `tells bytes from an array of numbers, and nil from both`() {
        let sql: SQL = "\([1, 2] as [UInt8]) \([1, 2] as [Int]) \(nil as Int?) \([nil, "a"] as [String?])"
        #expect(
            sql.parameters == [
                .bytes([1, 2]), .array([.int64(1), .int64(2)]), .null, .array([.null, .text("a")]),
            ])
    }
}
