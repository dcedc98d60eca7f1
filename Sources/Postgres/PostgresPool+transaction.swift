import Logging

extension PostgresPool {
    /// What a transaction sees of others (https://www.postgresql.org/docs/current/transaction-iso.html).
    public enum Isolation: String, Sendable {
        case readCommitted = "READ COMMITTED"
        case repeatableRead = "REPEATABLE READ"
        case serializable = "SERIALIZABLE"
    }

    private static let conflict = Backoff(base: .milliseconds(10), cap: .seconds(1))

    /// Runs `body` in a transaction and commits it. An error from `body`, or cancellation before COMMIT, rolls back.
    ///
    /// On a serialization failure or deadlock the whole body runs again, `retries` times at most, after a jittered
    /// pause: what it does outside the database must bear that.
    ///
    /// - Throws: `.connectionLost` when the connection broke before COMMIT was sent: nothing happened.
    ///   `.commitUnknown` when it broke after: the caller repeats the transaction, whose inserts carry ids made by the
    ///   client (`ON CONFLICT DO NOTHING`).
    @discardableResult
    public func transaction<Value: Sendable>(
        isolation: Isolation = .readCommitted, retries: Int = 5,
        _ body: @Sendable (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        var random = SystemRandomNumberGenerator()
        var conflicts = 0
        var brokenConnections = 0
        while true {
            let connection = try await acquire()
            do {
                await connection.begin(isolation)
                let value = try await body(connection)
                try await connection.commit(unlessCancelled: Task.isCancelled)
                release(connection)
                return value
            } catch {
                let cause = await connection.rollback() ?? error as? PostgresError
                release(connection)
                if let cause, cause.isTransactionConflict || cause.isStalePreparedStatement, conflicts < retries {
                    logger.debug("transaction conflict", metadata: ["error": "\(cause)"])
                    do { try await Task.sleep(for: Self.conflict.delay(after: conflicts, using: &random)) } catch {
                        throw PostgresError(.cancelled, "cancelled between two tries of a transaction")
                    }
                    conflicts += 1
                } else if let cause, cause.code == .connectionLost, cause.nothingWasSent,
                    brokenConnections < configuration.poolSize
                {
                    brokenConnections += 1
                } else {
                    throw error
                }
            }
        }
    }
}
