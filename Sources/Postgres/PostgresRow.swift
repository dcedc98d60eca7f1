/// One row of a result, read column by column: `let id: Int64 = try row.get("id")`.
public struct PostgresRow: Sendable {
    let result: ResultHandle
    let index: Int

    /// The value of the column of that name (the first, if a statement has two).
    ///
    /// - Throws: `.decoding`, naming column and statement, when there is no such column, when it is NULL and `T` is not
    ///   optional, or when its type is not `T`'s.
    public func get<T: PostgresDecodable>(_ column: String, as type: T.Type = T.self) throws(PostgresError) -> T {
        guard let number = result.column(named: column) else {
            let known = (0..<result.columnCount).map(result.columnName).joined(separator: ", ")
            throw PostgresError(
                .decoding, "there is no column \"\(column)\"; there are: \(known)", statement: result.statement)
        }
        return try value(number)
    }

    /// The value of the column at `index`, from 0.
    public func get<T: PostgresDecodable>(_ index: Int, as type: T.Type = T.self) throws(PostgresError) -> T {
        guard index >= 0, index < result.columnCount else {
            throw PostgresError(
                .decoding, "there is no column \(index); there are \(result.columnCount)", statement: result.statement)
        }
        return try value(index)
    }

    public subscript<T: PostgresDecodable>(_ column: String) -> T {
        get throws(PostgresError) { try get(column) }
    }

    public subscript<T: PostgresDecodable>(_ index: Int) -> T {
        get throws(PostgresError) { try get(index) }
    }

    private func value<T: PostgresDecodable>(_ column: Int) throws(PostgresError) -> T {
        if result.isNull(row: index, column: column) {
            if let null = T.postgresNull { return null }
            throw PostgresError(
                .decoding, "column \"\(result.columnName(column))\" is NULL and was read as \(T.self)",
                statement: result.statement, hint: "read it as \(T.self)?")
        }
        let type = result.type(ofColumn: column)
        if let value = result.withText(row: index, column: column, { T.decode($0, type: type) }) { return value }
        throw PostgresError(
            .decoding, "column \"\(result.columnName(column))\" is \(type) and can't be read as \(T.self)",
            statement: result.statement)
    }
}
