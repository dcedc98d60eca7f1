/// Where a statement can be run: a pool, or one connection (a transaction's, or a session of one's own).
public protocol PostgresExecutor: Sendable {
    /// Runs one statement.
    ///
    /// - Parameter timeout: how long it may take from when it is sent; nil leaves the connection's own limit, which
    ///   holds in any case.
    /// - Throws: `.cancelled` when the task is cancelled: the server is told, and the connection stays good.
    func run(_ sql: SQL, timeout: Duration?) async throws(PostgresError) -> PostgresResult
    /// Runs statements in one round trip; the first error stops the rest. Outside a transaction they are one
    /// transaction of their own: all or none.
    func run(_ batch: [SQL]) async throws(PostgresError) -> [PostgresResult]
}

extension PostgresExecutor {
    public func run(_ sql: SQL) async throws(PostgresError) -> PostgresResult {
        try await run(sql, timeout: nil)
    }

    public func query(_ sql: SQL) async throws(PostgresError) -> [PostgresRow] {
        try await run(sql, timeout: nil).rows
    }

    public func query(_ sql: SQL, timeout: Duration) async throws(PostgresError) -> [PostgresRow] {
        try await run(sql, timeout: timeout).rows
    }

    /// Returns how many rows were inserted, updated, deleted or read.
    @discardableResult
    public func execute(_ sql: SQL) async throws(PostgresError) -> Int {
        try await run(sql, timeout: nil).affectedRows
    }

    @discardableResult
    public func execute(_ sql: SQL, timeout: Duration) async throws(PostgresError) -> Int {
        try await run(sql, timeout: timeout).affectedRows
    }
}
