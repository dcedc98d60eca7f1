/// What one statement answered.
public struct PostgresResult: Sendable {
    public let rows: [PostgresRow]
    /// Rows inserted, updated, deleted or read; 0 for statements that touch none.
    public let affectedRows: Int

    init(_ result: ResultHandle) {
        rows = (0..<result.rowCount).map { PostgresRow(result: result, index: $0) }
        affectedRows = result.affectedRows
    }
}
