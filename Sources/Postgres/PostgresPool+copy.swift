extension PostgresPool {
    /// Loads rows by COPY, the fastest way in. All of them or none.
    ///
    /// - Parameter table: its name, or `schema.table`.
    /// - Returns: how many rows were loaded.
    public nonisolated(nonsending) func copy(
        into table: String, columns: [String], rows: some Sequence<[PostgresValue]>
    ) async throws -> Int {
        try await withConnection { connection in
            try await connection.copy(into: table, columns: columns, rows: rows)
        }
    }
}

extension PostgresConnection {
    /// Loads rows by COPY; inside a transaction they are part of it.
    public nonisolated(nonsending) func copy(
        into table: String, columns: [String], rows: some Sequence<[PostgresValue]>
    ) async throws -> Int {
        let target = table.split(separator: ".").map { CopyText.quoted(String($0)) }.joined(separator: ".")
        let list = columns.map(CopyText.quoted).joined(separator: ", ")
        let statement = "COPY \(target) (\(list)) FROM STDIN"
        try await startCopy(statement)
        do {
            var text = CopyText()
            for row in rows {
                try text.append(row, columns: columns.count, statement: statement)
                if text.bytes.count >= CopyText.chunk {
                    try await putCopyData(text.bytes, statement)
                    text.bytes.removeAll(keepingCapacity: true)
                }
                if Task.isCancelled {
                    throw PostgresError(.cancelled, "cancelled during COPY", statement: statement)
                }
            }
            try await putCopyData(text.bytes, statement)
        } catch {
            // The first error is the one to tell; the server only repeats it.
            _ = try? await endCopy(statement, because: "the client stopped")
            throw error
        }
        return try await endCopy(statement)
    }
}
