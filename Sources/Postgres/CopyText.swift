/// Rows in COPY's text format (https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.2).
struct CopyText {
    /// How many bytes are handed over at once: large enough that the hop to the connection doesn't show.
    static let chunk = 256 * 1024

    var bytes: [UInt8] = []

    mutating func append(_ row: [PostgresValue], columns: Int, statement: String) throws(PostgresError) {
        guard row.count == columns else {
            throw PostgresError(
                .invalidParameter, "a row has \(row.count) values for \(columns) columns", statement: statement)
        }
        var plain: [UInt8] = []
        for (index, value) in row.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: "\t")) }
            if value == .null {
                bytes.append(contentsOf: "\\N".utf8)
                continue
            }
            plain.removeAll(keepingCapacity: true)
            value.appendText(to: &plain)
            try append(escaping: plain, column: index, statement: statement)
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    private mutating func append(escaping text: [UInt8], column: Int, statement: String) throws(PostgresError) {
        for byte in text {
            switch byte {
            case 0:
                throw PostgresError(
                    .invalidParameter, "value \(column + 1) of a row holds a NUL character, which Postgres' text can't",
                    statement: statement)
            case UInt8(ascii: "\t"): bytes.append(contentsOf: "\\t".utf8)
            case UInt8(ascii: "\n"): bytes.append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\r"): bytes.append(contentsOf: "\\r".utf8)
            case UInt8(ascii: "\\"): bytes.append(contentsOf: "\\\\".utf8)
            default: bytes.append(byte)
            }
        }
    }

    /// An identifier in double quotes, so that any name is taken as it is.
    static func quoted(_ identifier: String) -> String {
        "\"" + identifier.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
