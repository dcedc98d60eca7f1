import Logging

/// What another session said by NOTIFY.
public struct PostgresNotification: Sendable, Hashable {
    public let channel: String
    public let payload: String
    /// The server process of the session that notified.
    public let processID: Int32
}

/// The notifications of some channels, on a connection of their own, for one loop to read.
///
/// Never ends by itself: a lost connection is made again, and `.reconnected` says that notifications may have been
/// missed. Ends when the reading task is cancelled or the pool closed.
public struct PostgresNotifications: AsyncSequence, Sendable {
    public enum Element: Sendable, Hashable {
        case notification(PostgresNotification)
        /// Listening again after the connection was lost: look for yourself what happened meanwhile.
        case reconnected
    }

    public typealias Failure = Never

    let connection: PostgresConnection
    let channels: [String]
    let pool: PostgresPool

    public func makeAsyncIterator() -> Iterator {
        Iterator(connection: connection, channels: channels, pool: pool)
    }

    public struct Iterator: AsyncIteratorProtocol, Sendable {
        public typealias Failure = Never

        /// How often a silent connection is asked whether it still works.
        private static let check: Duration = .seconds(30)

        fileprivate var connection: PostgresConnection
        fileprivate let channels: [String]
        fileprivate let pool: PostgresPool

        public mutating func next() async -> PostgresNotifications.Element? {
            while !Task.isCancelled {
                do throws(PostgresError) {
                    if let notification = try await connection.nextNotification(until: .now + Self.check) {
                        return .notification(notification)
                    }
                    if Task.isCancelled || pool.isClosed { break }
                    guard await connection.isAlive else {
                        throw PostgresError(.connectionLost, "the connection no longer answers", statement: "LISTEN")
                    }
                } catch {
                    if Task.isCancelled { break }
                    pool.logger.warning("listening interrupted", metadata: ["error": "\(error)"])
                    await connection.close()
                    guard let renewed = await pool.listenAgain(on: channels) else { break }
                    connection = renewed
                    return .reconnected
                }
            }
            await connection.close()
            return nil
        }
    }
}

extension PostgresPool {
    /// Listens on these channels. Once this returns, whatever is notified will be in the sequence.
    public func listen(on channels: [String]) async throws -> PostgresNotifications {
        let connection = try await session()
        try await connection.listen(on: channels)
        return PostgresNotifications(connection: connection, channels: channels, pool: self)
    }

    /// A connection of the caller's own, for what lives as long as a session: advisory locks, temporary tables, settings.
    /// Whoever asked for it closes it.
    public func session() async throws -> PostgresConnection {
        try await session(withoutStatementTimeout: false)
    }

    func session(withoutStatementTimeout unlimited: Bool) async throws(PostgresError) -> PostgresConnection {
        var configuration = configuration
        if unlimited { configuration.statementTimeout = nil }
        return try await connect(configuration, until: .now + configuration.acquireTimeout)
    }

    /// Tries until it works; nil once the task is cancelled or the pool closed.
    fileprivate func listenAgain(on channels: [String]) async -> PostgresConnection? {
        while !Task.isCancelled, !isClosed {
            do {
                let connection = try await connect(configuration, until: .now + .seconds(60))
                try await connection.listen(on: channels)
                return connection
            } catch {
                try? await Task.sleep(for: .seconds(1))
            }
        }
        return nil
    }
}

extension PostgresConnection {
    fileprivate func listen(on channels: [String]) async throws(PostgresError) {
        try await runScript(channels.map { "LISTEN \(CopyText.quoted($0))" }.joined(separator: "; "))
    }
}
