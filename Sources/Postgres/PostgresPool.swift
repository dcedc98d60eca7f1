import Dispatch
public import Logging
import Synchronization

/// A fixed number of connections that callers share, and that heals itself: a broken connection is dropped, a new one
/// made when one is wanted, and callers wait while the server restarts.
///
/// Connections are opened when first needed, so making a pool never fails.
public final class PostgresPool: PostgresExecutor {
    let configuration: PostgresConfiguration
    let logger: Logger
    private let queue: Mutex<PoolQueue>
    private let alarmIsSet = Atomic<Bool>(false)
    private static let reconnection = Backoff(base: .milliseconds(50), cap: .seconds(1))

    public init(configuration: PostgresConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        queue = Mutex(PoolQueue(size: configuration.poolSize))
    }

    // MARK: Statements

    public func run(_ sql: SQL, timeout: Duration? = nil) async throws(PostgresError) -> PostgresResult {
        try await onWorkingConnection { (connection) throws(PostgresError) in
            try await connection.run(sql, timeout: timeout)
        }
    }

    public func run(_ batch: [SQL]) async throws(PostgresError) -> [PostgresResult] {
        try await onWorkingConnection { (connection) throws(PostgresError) in try await connection.run(batch) }
    }

    /// Goes on to another connection while the one at hand turns out to have been broken before anything was sent: after
    /// a server's restart every idle one is.
    private func onWorkingConnection<Value: Sendable>(
        _ body: (PostgresConnection) async throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        var failures = 0
        while true {
            let connection = try await acquire()
            do throws(PostgresError) {
                let value = try await body(connection)
                release(connection)
                return value
            } catch {
                release(connection)
                failures += 1
                guard error.code == .connectionLost, error.nothingWasSent, failures <= configuration.poolSize else {
                    throw error
                }
            }
        }
    }

    /// Lends one connection for several statements, outside a transaction. It must not be used once `body` has returned.
    @discardableResult
    public nonisolated(nonsending) func withConnection<Value: Sendable>(
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await acquire()
        do {
            let value = try await body(connection)
            await clean(connection)
            release(connection)
            return value
        } catch {
            await clean(connection)
            release(connection)
            throw error
        }
    }

    /// Ends a transaction that was left open.
    private func clean(_ connection: PostgresConnection) async {
        if !connection.isReusable { _ = await connection.rollback() }
    }

    // MARK: Connections

    /// Waits for a connection for at most `acquireTimeout`.
    func acquire() async throws(PostgresError) -> PostgresConnection {
        let deadline = ContinuousClock.now + configuration.acquireTimeout
        let grant =
            if let grant = queue.withLock({ $0.take() }) { grant } else { await waitForGrant(until: deadline) }
        switch grant {
        case .connection(let connection): return connection
        case .slot: return try await fillSlot(until: deadline)
        case .closed: throw PostgresError(.poolClosed, "the pool is closed", nothingWasSent: true)
        case .cancelled:
            throw PostgresError(.cancelled, "cancelled while waiting for a connection", nothingWasSent: true)
        case .timedOut:
            throw PostgresError(
                .poolTimeout,
                "all \(configuration.poolSize) connections were busy for \(configuration.acquireTimeout)",
                hint: "raise poolSize, or look for transactions that wait for something else", nothingWasSent: true)
        }
    }

    /// Takes a connection back; one that is broken or stuck in a transaction is dropped.
    func release(_ connection: PostgresConnection) {
        guard connection.isReusable else { return freeSlot() }
        let waiter = queue.withLock { $0.giveBack(connection) }
        waiter?.continuation.resume(returning: .connection(connection))
    }

    /// Turns waiting callers away and closes the connections: idle ones now, lent ones when they come back.
    public func close() async {
        let (waiters, connections) = queue.withLock { $0.close() }
        for waiter in waiters { waiter.continuation.resume(returning: .closed) }
        for connection in connections { await connection.close() }
    }

    var isClosed: Bool { queue.withLock { $0.isClosed } }

    private func freeSlot() {
        let waiter = queue.withLock { $0.giveUpSlot() }
        waiter?.continuation.resume(returning: .slot)
    }

    private func fillSlot(until deadline: ContinuousClock.Instant) async throws(PostgresError) -> PostgresConnection {
        do throws(PostgresError) {
            return try await connect(configuration, until: deadline)
        } catch {
            freeSlot()
            throw error
        }
    }

    /// Opens a connection, trying again while the server can't be reached; wrong credentials fail at once.
    func connect(
        _ configuration: PostgresConfiguration, until deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> PostgresConnection {
        var random = SystemRandomNumberGenerator()
        var attempt = 0
        while true {
            do throws(PostgresError) {
                return try await PostgresConnection.open(configuration, logger: logger)
            } catch {
                let delay = Self.reconnection.delay(after: attempt, using: &random)
                guard error.code == .connectionFailed || error.code == .connectionLost, !error.isRefusal,
                    ContinuousClock.now + delay < deadline, !isClosed
                else {
                    let code: PostgresError.Code = error.code == .cancelled ? .cancelled : .connectionFailed
                    throw error.with(code: code, nothingWasSent: true)
                }
                if attempt == 0 { logger.warning("postgres unreachable", metadata: ["error": "\(error)"]) }
                attempt += 1
                do { try await Task.sleep(for: delay) } catch {
                    throw PostgresError(.cancelled, "cancelled while connecting", nothingWasSent: true)
                }
            }
        }
    }

    // MARK: Waiting

    private func waitForGrant(until deadline: ContinuousClock.Instant) async -> PoolQueue.Grant {
        let ticket = queue.withLock { $0.ticket() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let grant: PoolQueue.Grant? = queue.withLock { queue in
                    // Between looking and queueing a connection may have come back, or the task been cancelled.
                    if Task.isCancelled { return .cancelled }
                    if let grant = queue.take() { return grant }
                    queue.enqueue(.init(deadline: deadline, continuation: continuation), ticket: ticket)
                    return nil
                }
                if let grant { continuation.resume(returning: grant) } else { setAlarm(at: deadline) }
            }
        } onCancel: {
            let waiter = queue.withLock { $0.leave(ticket) }
            waiter?.continuation.resume(returning: .cancelled)
        }
    }

    /// One alarm at a time, for the first in the queue: all wait equally long, so deadlines come in order of arrival.
    private func setAlarm(at deadline: ContinuousClock.Instant) {
        guard !alarmIsSet.exchange(true, ordering: .acquiringAndReleasing) else { return }
        let delay = Int(ContinuousClock.now.duration(to: deadline).milliseconds)
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(delay)) { [weak self] in
            self?.alarmRang()
        }
    }

    private func alarmRang() {
        alarmIsSet.store(false, ordering: .releasing)
        let (expired, next) = queue.withLock { $0.expire(at: .now) }
        for waiter in expired { waiter.continuation.resume(returning: .timedOut) }
        if let next { setAlarm(at: next) }
    }
}

extension PostgresError {
    /// The server is there and says no: waiting won't help. libpq tells it by words alone.
    fileprivate var isRefusal: Bool {
        ["authentication failed", "does not exist", "no pg_hba.conf entry", "permission denied for database"]
            .contains(where: message.contains)
    }
}
