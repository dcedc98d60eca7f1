import CPostgres
import Glibc
import Logging

/// One libpq connection, its calls blocking the thread they are made on. Closed when its owner lets go of it.
///
/// libpq is used in non-blocking mode with a `poll` of our own, so that a deadline holds against a server that is
/// silent, and so that a cancelled task is heard while its statement runs.
final class ServerConnection {
    /// One message of a pipeline; each gets one result.
    enum Step {
        /// Without parameters, unnamed: BEGIN, DEALLOCATE.
        case command(String)
        case prepare(name: String, statement: String)
        case execute(name: String, statement: String, parameters: EncodedParameters)

        var statement: String {
            switch self {
            case .command(let text): text
            case .prepare(_, let statement), .execute(_, let statement, _): statement
            }
        }
    }

    struct Limits {
        /// When the server is asked to cancel.
        var deadline: ContinuousClock.Instant?
        /// False for COMMIT and ROLLBACK, which a cancelled task must still finish.
        var heedsCancellation = true
    }

    /// How long after a cancel request the server may take to end the statement before it counts as gone.
    private static let cancelGrace: Duration = .seconds(5)

    private let handle: OpaquePointer
    private let wakeup: Wakeup
    private let notices: NoticeLog

    private init(handle: OpaquePointer, wakeup: Wakeup, notices: NoticeLog) {
        self.handle = handle
        self.wakeup = wakeup
        self.notices = notices
    }

    deinit {
        PQfinish(handle)
    }

    // MARK: Opening

    static func open(
        _ configuration: PostgresConfiguration, wakeup: Wakeup, logger: Logger
    ) throws(PostgresError) -> ServerConnection {
        let keywords = Array(configuration.connectionKeywords)
        let started = CStrings.withPointers(keywords.map(\.key)) { names in
            CStrings.withPointers(keywords.map(\.value)) { values in PQconnectStartParams(names, values, 0) }
        }
        guard let handle = started else {
            throw PostgresError(.connectionFailed, "libpq has no memory for a connection")
        }
        let connection = ServerConnection(handle: handle, wakeup: wakeup, notices: NoticeLog(logger))
        connection.notices.attach(to: handle)
        let deadline = ContinuousClock.now + configuration.connectTimeout
        try connection.finishConnecting(by: deadline, patience: configuration.connectTimeout)
        PQsetnonblocking(handle, 1)
        var limits = Limits()
        limits.deadline = deadline
        for result in try connection.runSimple(configuration.sessionSettings, limits) {
            if let error = result.serverError { throw error.with(code: .connectionFailed) }
        }
        return connection
    }

    private func finishConnecting(by deadline: ContinuousClock.Instant, patience: Duration) throws(PostgresError) {
        // What fails at once, as a unix socket that is not there, leaves no socket to wait for.
        var state = PQstatus(handle) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
        while true {
            switch state {
            case PGRES_POLLING_OK: return
            case PGRES_POLLING_READING, PGRES_POLLING_WRITING: break
            default:
                throw PostgresError(.connectionFailed, "can't connect: \(lastMessage)", nothingWasSent: true)
            }
            switch wait(writing: state == PGRES_POLLING_WRITING, until: deadline) {
            case .ready: state = PQconnectPoll(handle)
            case .woken:
                if Task.isCancelled { throw PostgresError(.cancelled, "cancelled while connecting") }
            case .deadline:
                throw PostgresError(
                    .connectionFailed, "can't connect: no answer within \(patience)", nothingWasSent: true)
            }
        }
    }

    // MARK: State

    var isBroken: Bool { PQstatus(handle) != CONNECTION_OK }

    /// Idle, in a transaction, or in a failed one.
    var transactionStatus: PGTransactionStatusType { PQtransactionStatus(handle) }

    var processID: Int32 { PQbackendPID(handle) }

    private var lastMessage: String {
        String(cString: PQerrorMessage(handle)).trimmingSuffix(while: \.isWhitespace)
    }

    /// Reads what the server sent unasked, and notices when it closed the connection: the cheap check before sending.
    func checkBeforeSending(_ statement: String) throws(PostgresError) {
        var answered = true
        while answered, !isBroken, isReadable {
            answered = PQconsumeInput(handle) == 1
            // Parses what was read, notifications and parting errors included.
            _ = PQisBusy(handle)
        }
        guard answered, !isBroken else {
            throw PostgresError(
                .connectionLost, "the connection was lost before the statement was sent: \(lastMessage)",
                statement: statement, nothingWasSent: true)
        }
    }

    private var isReadable: Bool {
        var descriptor = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
        return poll(&descriptor, 1, 0) > 0
    }

    // MARK: Statements

    /// Sends all steps at once and reads one result each; those after a failed one have status
    /// `PGRES_PIPELINE_ABORTED`.
    func runPipeline(_ steps: [Step], _ limits: Limits) throws(PostgresError) -> [ResultHandle] {
        let statement = steps.last?.statement ?? ""
        guard PQenterPipelineMode(handle) == 1 else { throw lost(statement) }
        for step in steps {
            let sent =
                switch step {
                case .command(let text):
                    PQsendQueryParams(handle, text, 0, nil, nil, nil, nil, 0)
                case .prepare(let name, let statement):
                    PQsendPrepare(handle, name, statement, 0, nil)
                case .execute(let name, _, let parameters):
                    parameters.withPointers { count, values, lengths, formats in
                        PQsendQueryPrepared(handle, name, count, values, lengths, formats, 0)
                    }
                }
            guard sent == 1 else { throw lost(statement) }
        }
        guard PQpipelineSync(handle) == 1 else { throw lost(statement) }
        var results: [ResultHandle] = []
        var waiting = Waiting(limits)
        var ends = 0
        while true {
            guard let result = try nextResult(statement, &waiting) else {
                // One end follows each step's result; more of them means that client and server lost step.
                ends += 1
                guard ends <= results.count else { throw lost(statement) }
                continue
            }
            if PQresultStatus(result) == PGRES_PIPELINE_SYNC {
                PQclear(result)
                break
            }
            if PQresultStatus(result) == PGRES_COPY_IN {
                PQclear(result)
                throw lost(statement, because: "COPY FROM STDIN goes through copy(into:columns:rows:)")
            }
            let index = min(results.count, steps.count - 1)
            let handle = ResultHandle(owning: result, statement: steps[index].statement)
            waiting.lastError = handle.serverError ?? waiting.lastError
            results.append(handle)
        }
        guard results.count == steps.count, PQexitPipelineMode(handle) == 1 else { throw lost(statement) }
        return results
    }

    /// Runs a script of any number of statements in the simple protocol, which is what it takes for scripts and COPY.
    /// Stops early at a COPY, which is then under way.
    func runSimple(_ script: String, _ limits: Limits) throws(PostgresError) -> [ResultHandle] {
        guard PQsendQuery(handle, script) == 1 else { throw lost(script) }
        return try remainingResults(script, limits)
    }

    func remainingResults(_ statement: String, _ limits: Limits) throws(PostgresError) -> [ResultHandle] {
        var results: [ResultHandle] = []
        var waiting = Waiting(limits)
        while let result = try nextResult(statement, &waiting) {
            let handle = ResultHandle(owning: result, statement: statement)
            waiting.lastError = handle.serverError ?? waiting.lastError
            results.append(handle)
            if PQresultStatus(result) == PGRES_COPY_IN { break }
        }
        return results
    }

    // MARK: COPY

    /// Hands over a piece of COPY data and waits until the server has taken all of it.
    func putCopyData(_ data: [UInt8], _ statement: String, _ limits: Limits) throws(PostgresError) {
        let taken = data.withUnsafeBytes { bytes in
            PQputCopyData(handle, bytes.bindMemory(to: CChar.self).baseAddress, Int32(clamping: bytes.count))
        }
        guard taken == 1 else { throw lost(statement) }
        var waiting = Waiting(limits)
        while PQflush(handle) == 1 {
            try pause(writing: true, statement, &waiting)
        }
        if isBroken { throw lost(statement) }
    }

    /// Ends the COPY; with a reason, it fails on the server and changes nothing.
    func endCopy(
        because reason: String?, _ statement: String, _ limits: Limits
    ) throws(PostgresError) -> [ResultHandle] {
        guard PQputCopyEnd(handle, reason) == 1 else { throw lost(statement) }
        return try remainingResults(statement, limits)
    }

    // MARK: Notifications

    /// The next notification already read, if any.
    func takeNotification() -> PostgresNotification? {
        guard let notification = PQnotifies(handle) else { return nil }
        defer { PQfreemem(notification) }
        return PostgresNotification(
            channel: String(cString: notification.pointee.relname),
            payload: String(cString: notification.pointee.extra), processID: notification.pointee.be_pid)
    }

    /// Blocks until the server sends something, `deadline` passes or the wakeup is rung.
    func waitForInput(until deadline: ContinuousClock.Instant) throws(PostgresError) {
        if case .ready = wait(writing: false, until: deadline) { try checkBeforeSending("LISTEN") }
    }

    // MARK: Waiting

    private enum Wake { case ready, woken, deadline }

    /// How far a statement's waiting has come.
    private struct Waiting {
        let limits: Limits
        /// When the connection counts as lost; set once the server was asked to cancel.
        var giveUp: ContinuousClock.Instant?
        /// The last error the server sent: why it goes, should it close the connection next.
        var lastError: PostgresError?

        init(_ limits: Limits) {
            self.limits = limits
        }
    }

    /// The next result, or nil at the end of one statement's results. Ownership goes to the caller.
    private func nextResult(_ statement: String, _ waiting: inout Waiting) throws(PostgresError) -> OpaquePointer? {
        while true {
            let unsent = PQflush(handle)
            // A failed write is not the end: the server may have said why before it closed.
            guard PQisBusy(handle) == 1 else { break }
            try pause(writing: unsent == 1, statement, &waiting)
        }
        guard let result = PQgetResult(handle) else {
            if isBroken { throw lost(statement, said: waiting.lastError) }
            return nil
        }
        if PQresultStatus(result) == PGRES_COPY_OUT {
            PQclear(result)
            throw lost(statement, because: "COPY TO STDOUT is not supported")
        }
        if isBroken {
            let error = ResultHandle(owning: result, statement: statement).serverError
            throw lost(statement, said: waiting.lastError ?? error)
        }
        return result
    }

    private func pause(writing: Bool, _ statement: String, _ waiting: inout Waiting) throws(PostgresError) {
        switch wait(writing: writing, until: waiting.giveUp ?? waiting.limits.deadline) {
        case .ready:
            // On failure the connection turns bad and PQgetResult says why.
            _ = PQconsumeInput(handle)
        case .woken:
            if Task.isCancelled, waiting.limits.heedsCancellation { requestCancel(&waiting) }
        case .deadline:
            guard waiting.giveUp == nil, waiting.limits.heedsCancellation else {
                throw lost(statement, because: "the server stopped answering")
            }
            requestCancel(&waiting)
        }
    }

    private func requestCancel(_ waiting: inout Waiting) {
        guard waiting.giveUp == nil else { return }
        waiting.giveUp = .now + Self.cancelGrace
        guard let cancel = PQgetCancel(handle) else { return }
        defer { PQfreeCancel(cancel) }
        var message = [CChar](repeating: 0, count: 256)
        PQcancel(cancel, &message, Int32(message.count))
    }

    private func wait(writing: Bool, until deadline: ContinuousClock.Instant?) -> Wake {
        var descriptors = [
            pollfd(fd: PQsocket(handle), events: Int16(writing ? POLLIN | POLLOUT : POLLIN), revents: 0),
            pollfd(fd: wakeup.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            let patience = deadline.map { ContinuousClock.now.duration(to: $0).milliseconds } ?? -1
            let count = poll(&descriptors, 2, patience)
            if count < 0, errno == EINTR { continue }
            if count == 0 { return .deadline }
            if descriptors[1].revents != 0 {
                wakeup.silence()
                return .woken
            }
            return .ready
        }
    }

    private func lost(
        _ statement: String, because reason: String? = nil, said error: PostgresError? = nil
    ) -> PostgresError {
        let why = reason ?? error?.message ?? lastMessage
        return PostgresError(
            .connectionLost, "the connection was lost: \(why)", statement: statement, sqlState: error?.sqlState)
    }
}
