extension PostgresConnection {
    /// Takes the advisory lock if it is free, for as long as this session lives (or until `unlock`). Meant for a
    /// connection from `PostgresPool.session()`.
    public func tryLock(_ key: Int64) async throws(PostgresError) -> Bool {
        try await query("SELECT pg_try_advisory_lock(\(key))")[0].get(0)
    }

    /// Returns false when this session didn't hold the lock.
    @discardableResult
    public func unlock(_ key: Int64) async throws(PostgresError) -> Bool {
        try await query("SELECT pg_advisory_unlock(\(key))")[0].get(0)
    }
}
