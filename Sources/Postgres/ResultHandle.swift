import CPostgres
import Glibc

/// What the server answered to one statement, freed when the last row that points into it goes.
///
/// `@unchecked Sendable`: the result is only read after it is made, and libpq promises that such a result may be passed
/// around freely between threads (https://www.postgresql.org/docs/current/libpq-threading.html).
final class ResultHandle: @unchecked Sendable {
    private let result: OpaquePointer
    let statement: String

    init(owning result: OpaquePointer, statement: String) {
        self.result = result
        self.statement = statement
    }

    deinit {
        PQclear(result)
    }

    var status: ExecStatusType { PQresultStatus(result) }

    var rowCount: Int { Int(PQntuples(result)) }

    var columnCount: Int { Int(PQnfields(result)) }

    /// "INSERT 0 1", "COMMIT", …
    var commandTag: String { PQcmdStatus(result).map { String(cString: $0) } ?? "" }

    /// 0 for statements that touch no rows.
    var affectedRows: Int {
        guard let text = PQcmdTuples(result) else { return 0 }
        return Int(String(cString: text)) ?? 0
    }

    /// The first column of that name, compared exactly. PQfnumber would fold case and read quotes.
    func column(named name: String) -> Int? {
        (0..<columnCount).first { index in
            guard let found = PQfname(result, Int32(index)) else { return false }
            return name.utf8.elementsEqual(UnsafeBufferPointer(start: found, count: strlen(found)).lazy.map(UInt8.init))
        }
    }

    func columnName(_ column: Int) -> String {
        PQfname(result, Int32(column)).map { String(cString: $0) } ?? ""
    }

    func type(ofColumn column: Int) -> PostgresType {
        PostgresType(rawValue: PQftype(result, Int32(column)))
    }

    func isNull(row: Int, column: Int) -> Bool {
        PQgetisnull(result, Int32(row), Int32(column)) == 1
    }

    func withText<Value>(row: Int, column: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value {
        let count = Int(PQgetlength(result, Int32(row), Int32(column)))
        guard let text = PQgetvalue(result, Int32(row), Int32(column)) else { return body(.init(start: nil, count: 0)) }
        return text.withMemoryRebound(to: UInt8.self, capacity: count) { body(.init(start: $0, count: count)) }
    }

    /// nil when the statement went well.
    var serverError: PostgresError? {
        guard status == PGRES_FATAL_ERROR else { return nil }
        let message = field(UInt8(ascii: "M")) ?? String(cString: PQresultErrorMessage(result))
        let sqlState = field(UInt8(ascii: "C"))
        return PostgresError(
            sqlState.map { .server($0) } ?? .connectionLost,
            message.trimmingSuffix(while: \.isWhitespace), statement: statement, sqlState: sqlState,
            constraint: field(UInt8(ascii: "n")), table: field(UInt8(ascii: "t")), column: field(UInt8(ascii: "c")),
            detail: field(UInt8(ascii: "D")), hint: field(UInt8(ascii: "H")))
    }

    /// One field of the error message, by its code in the protocol
    /// (https://www.postgresql.org/docs/current/protocol-error-fields.html).
    private func field(_ code: UInt8) -> String? {
        PQresultErrorField(result, Int32(code)).map { String(cString: $0) }
    }
}

extension String {
    func trimmingSuffix(while predicate: (Character) -> Bool) -> String {
        guard let last = lastIndex(where: { !predicate($0) }) else { return "" }
        return String(self[...last])
    }
}
