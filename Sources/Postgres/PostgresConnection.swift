import Blocking
import CPostgres
import Logging
import Synchronization

/// One connection to Postgres. Its calls run one after the other on a thread of its own, never on the cooperative pool.
///
/// Statements are prepared at their first use and remembered. A cancelled task cancels its statement on the server; the
/// connection stays good.
public actor PostgresConnection: PostgresExecutor {
    private nonisolated let executor = BlockingExecutor(label: "postgres connection")
    private nonisolated let wakeup: Wakeup
    private let statementTimeout: Duration?
    private var server: ServerConnection?
    private var prepared = StatementCache()
    private var obsolete: [String] = []
    /// The BEGIN of a transaction that has not sent anything yet: it travels with the first statement.
    private var pendingBegin: String?
    /// What failed inside the present transaction, while the server refuses everything but ROLLBACK.
    private var transactionError: PostgresError?
    private var isInTransaction = false
    private nonisolated let reusable = Atomic<Bool>(true)

    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Makes the actor; nothing is sent before `open`.
    init(statementTimeout: Duration?) {
        self.statementTimeout = statementTimeout
        wakeup = Wakeup()
    }

    isolated deinit {
        // Here, not wherever the last reference goes: closing writes to the socket.
        server = nil
    }

    static func open(_ configuration: PostgresConfiguration, logger: Logger) async throws(PostgresError)
        -> PostgresConnection
    {
        let connection = PostgresConnection(statementTimeout: configuration.statementTimeout)
        try await connection.open(configuration, logger: logger)
        return connection
    }

    private func open(_ configuration: PostgresConfiguration, logger: Logger) async throws(PostgresError) {
        try await cancellable { () throws(PostgresError) in
            server = try ServerConnection.open(configuration, wakeup: wakeup, logger: logger)
        }
    }

    // MARK: Statements

    public func run(_ sql: SQL, timeout: Duration? = nil) async throws(PostgresError) -> PostgresResult {
        let results = try await cancellable { () throws(PostgresError) in try perform([sql], timeout: timeout) }
        return results[0]
    }

    public func run(_ batch: [SQL]) async throws(PostgresError) -> [PostgresResult] {
        guard !batch.isEmpty else { return [] }
        return try await cancellable { () throws(PostgresError) in try perform(batch, timeout: nil) }
    }

    /// Runs a script of several statements, without parameters. Their rows are dropped.
    public func runScript(_ script: String) async throws(PostgresError) {
        try await cancellable { () throws(PostgresError) in
            try sending(script) { (server, limits) throws(PostgresError) in
                if let begin = pendingBegin {
                    _ = try server.runSimple(begin, limits)
                    pendingBegin = nil
                }
                let results = try server.runSimple(script, limits)
                guard results.last?.status == PGRES_COPY_IN else { return results }
                return results + (try server.endCopy(because: "a script has no rows to send", script, limits))
            }
        }
    }

    private func perform(_ batch: [SQL], timeout: Duration?) throws(PostgresError) -> [PostgresResult] {
        do throws(PostgresError) {
            return try pipeline(batch, timeout: timeout)
        } catch {
            guard error.isStalePreparedStatement else { throw error }
            for sql in batch { prepared.remove(sql.text) }
            // A failed transaction can't go on; outside of one, preparing anew mends it.
            guard transactionError == nil else { throw error }
            return try pipeline(batch, timeout: timeout)
        }
    }

    private func pipeline(_ batch: [SQL], timeout: Duration?) throws(PostgresError) -> [PostgresResult] {
        var steps: [ServerConnection.Step] = []
        if let pendingBegin { steps.append(.command(pendingBegin)) }
        for name in obsolete { steps.append(.command("DEALLOCATE \(name)")) }
        var new: [String: (name: String, step: Int)] = [:]
        var executions: [Int] = []
        for sql in batch {
            let parameters = try EncodedParameters(sql.parameters, statement: sql.text)
            let name: String
            if let known = prepared.name(of: sql.text) ?? new[sql.text]?.name {
                name = known
            } else {
                name = prepared.newName()
                new[sql.text] = (name, steps.count)
                steps.append(.prepare(name: name, statement: sql.text))
            }
            executions.append(steps.count)
            steps.append(.execute(name: name, statement: sql.text, parameters: parameters))
        }
        let results = try sending(batch[batch.count - 1].text, timeout: timeout) {
            (server, limits) throws(PostgresError) in
            let results = try server.runPipeline(steps, limits)
            if pendingBegin != nil, results[0].serverError == nil { pendingBegin = nil }
            obsolete = []
            for (statement, (name, step)) in new where results[step].status == PGRES_COMMAND_OK {
                if let evicted = prepared.insert(statement, name: name) { obsolete.append(evicted) }
            }
            return results
        }
        return executions.map { PostgresResult(results[$0]) }
    }

    /// Runs `body` on the server connection, keeps track of what the connection is still good for, and throws the first
    /// error among the results.
    @discardableResult
    private func sending(
        _ statement: String, timeout: Duration? = nil, heedsCancellation: Bool = true,
        _ body: (ServerConnection, ServerConnection.Limits) throws(PostgresError) -> [ResultHandle]
    ) throws(PostgresError) -> [ResultHandle] {
        if heedsCancellation, Task.isCancelled {
            throw PostgresError(.cancelled, "cancelled before it was sent", statement: statement, nothingWasSent: true)
        }
        guard let server else {
            throw PostgresError(
                .connectionLost, "the connection is closed", statement: statement, nothingWasSent: !isInTransaction)
        }
        let began = ContinuousClock.now
        let limits = limits(timeout, from: began, heedsCancellation: heedsCancellation)
        do throws(PostgresError) {
            try server.checkBeforeSending(statement)
            let results = try body(server, limits)
            if let error = results.lazy.compactMap(\.serverError).first { throw error }
            settle(server)
            return results
        } catch {
            throw understood(error, server, limits, began: began)
        }
    }

    /// The server's own limit comes first; a moment later it is asked to cancel, and a moment after that it counts as
    /// gone.
    private func limits(
        _ timeout: Duration?, from start: ContinuousClock.Instant, heedsCancellation: Bool
    ) -> ServerConnection.Limits {
        var limits = ServerConnection.Limits()
        limits.heedsCancellation = heedsCancellation
        let own = statementTimeout.map { $0 + .seconds(2) }
        limits.deadline = [timeout, own].compactMap { $0 }.min().map { start + $0 }
        return limits
    }

    private func settle(_ server: ServerConnection) {
        let status = server.transactionStatus
        if status != PQTRANS_INERROR { transactionError = nil }
        isInTransaction = status == PQTRANS_INTRANS || status == PQTRANS_INERROR
        reusable.store(status == PQTRANS_IDLE && pendingBegin == nil, ordering: .releasing)
    }

    private func understood(
        _ error: PostgresError, _ server: ServerConnection, _ limits: ServerConnection.Limits,
        began: ContinuousClock.Instant
    ) -> PostgresError {
        if error.code == .connectionLost || server.isBroken {
            let lost = error.with(code: .connectionLost, nothingWasSent: error.nothingWasSent && !isInTransaction)
            self.server = nil
            reusable.store(false, ordering: .releasing)
            return lost
        }
        var error = error
        if error.sqlState == "57014" {
            if Task.isCancelled, limits.heedsCancellation {
                error = error.with(code: .cancelled, message: "the statement was cancelled with its task")
            } else if limits.deadline.map({ $0 <= .now }) == true
                || statementTimeout.map({ began.duration(to: .now) >= $0 }) == true
            {
                error = error.with(code: .timedOut, message: "the statement ran past its time-out")
            }
        }
        settle(server)
        if isInTransaction, transactionError == nil { transactionError = error }
        return error
    }

    /// Runs blocking calls so that the task's cancellation wakes them.
    @discardableResult
    private func cancellable<Value>(
        _ body: () throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        // The closure calls a method of the actor, and so runs on the actor: one that didn't would block a thread of
        // the cooperative pool instead.
        let result = await withTaskCancellationHandler {
            attempt(body)
        } onCancel: {
            wakeup.ring()
        }
        return try result.get()
    }

    private func attempt<Value>(_ body: () throws(PostgresError) -> Value) -> Result<Value, PostgresError> {
        assertIsolated()
        do throws(PostgresError) { return .success(try body()) } catch { return .failure(error) }
    }

    // MARK: Transactions

    /// Sends nothing yet: BEGIN travels with the first statement.
    func begin(_ isolation: PostgresPool.Isolation) {
        pendingBegin = "BEGIN ISOLATION LEVEL \(isolation.rawValue)"
        transactionError = nil
    }

    /// Commits, whether the task is cancelled meanwhile or not.
    ///
    /// - Throws: `.commitUnknown` when the connection broke after COMMIT was sent.
    func commit(unlessCancelled isCancelled: Bool) throws(PostgresError) {
        if isCancelled { throw PostgresError(.cancelled, "cancelled before COMMIT", statement: "COMMIT") }
        guard pendingBegin == nil else {
            pendingBegin = nil
            return
        }
        if let transactionError { throw transactionError }
        var sent = false
        do throws(PostgresError) {
            let results = try sending("COMMIT", heedsCancellation: false) { (server, limits) throws(PostgresError) in
                sent = true
                return try server.runPipeline([.command("COMMIT")], limits)
            }
            // A transaction that had failed answers COMMIT by rolling back, without an error.
            guard results[0].commandTag == "COMMIT" else {
                throw PostgresError(
                    .server("25P02"), "COMMIT rolled back: the transaction had failed", statement: "COMMIT",
                    sqlState: "25P02")
            }
        } catch {
            guard sent, error.code == .connectionLost else { throw error }
            throw error.with(
                code: .commitUnknown, message: "the answer to COMMIT was lost, it may have happened: \(error.message)")
        }
    }

    /// Ends the transaction without a trace. Returns the statement's error that had made it fail, if one had.
    func rollback() -> PostgresError? {
        defer { transactionError = nil }
        guard pendingBegin == nil else {
            pendingBegin = nil
            return nil
        }
        if isInTransaction, server != nil {
            // A rollback that fails leaves the connection unfit, and the pool closes it: the same outcome.
            _ = try? sending("ROLLBACK", heedsCancellation: false) { (server, limits) throws(PostgresError) in
                try server.runPipeline([.command("ROLLBACK")], limits)
            }
        }
        return transactionError
    }

    // MARK: State

    /// Whether another caller may have this connection: it works and is not inside a transaction.
    nonisolated var isReusable: Bool { reusable.load(ordering: .acquiring) }

    var isInsideTransaction: Bool { isInTransaction }

    /// Asks the server, and takes ten seconds of silence for a no.
    public var isAlive: Bool {
        get async {
            guard server != nil else { return false }
            do throws(PostgresError) {
                _ = try await run("SELECT 1", timeout: .seconds(5))
                return true
            } catch {
                return server != nil && error.code != .timedOut && error.code != .cancelled
            }
        }
    }

    /// Closes the connection, which frees its session's locks. Afterwards every statement is `.connectionLost`.
    public func close() {
        server = nil
        isInTransaction = false
        reusable.store(false, ordering: .releasing)
    }

    // MARK: COPY and notifications

    func startCopy(_ statement: String) async throws(PostgresError) {
        try await cancellable { () throws(PostgresError) in
            let begin = pendingBegin.map { "\($0); " } ?? ""
            try sending(statement) { (server, limits) throws(PostgresError) in
                try server.runSimple(begin + statement, limits)
            }
            pendingBegin = nil
        }
    }

    func putCopyData(_ data: [UInt8], _ statement: String) async throws(PostgresError) {
        try await cancellable { () throws(PostgresError) in
            try copying(statement) { (server, limits) throws(PostgresError) in
                try server.putCopyData(data, statement, limits)
                return []
            }
        }
    }

    /// Returns how many rows were copied. With a reason, the server drops them all.
    func endCopy(_ statement: String, because reason: String? = nil) throws(PostgresError) -> Int {
        let results = try copying(statement) { (server, limits) throws(PostgresError) in
            try server.endCopy(because: reason, statement, limits)
        }
        return results.first?.affectedRows ?? 0
    }

    private func copying(
        _ statement: String,
        _ body: (ServerConnection, ServerConnection.Limits) throws(PostgresError) -> [ResultHandle]
    ) throws(PostgresError) -> [ResultHandle] {
        guard let server else {
            throw PostgresError(.connectionLost, "the connection is closed", statement: statement)
        }
        let began = ContinuousClock.now
        let limits = limits(nil, from: began, heedsCancellation: true)
        do throws(PostgresError) {
            let results = try body(server, limits)
            if let error = results.lazy.compactMap(\.serverError).first { throw error }
            settle(server)
            return results
        } catch {
            throw understood(error, server, limits, began: began)
        }
    }

    /// Blocks until a notification comes, the deadline passes or the task is cancelled.
    func nextNotification(
        until deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> PostgresNotification? {
        try await cancellable { () throws(PostgresError) in
            guard let server else { throw PostgresError(.connectionLost, "the connection is closed") }
            do throws(PostgresError) {
                while true {
                    if let notification = server.takeNotification() { return notification }
                    if Task.isCancelled || deadline <= .now { return nil }
                    try server.waitForInput(until: deadline)
                }
            } catch {
                self.server = nil
                throw error
            }
        }
    }
}
