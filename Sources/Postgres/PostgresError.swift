/// Something a database call could not do: what, on which statement, and why.
///
/// `description` holds the statement's text, cut to a readable length, and never a parameter. `detail` is kept apart
/// from it because Postgres quotes values there ("Key (email)=(…) already exists").
public struct PostgresError: Error, Sendable, CustomStringConvertible {
    public enum Code: Sendable, Hashable {
        /// No connection could be made: server away, refused, or credentials wrong.
        case connectionFailed
        /// The connection broke. Inside a transaction nothing has happened; a lone statement may or may not have run,
        /// unless `nothingWasSent`.
        case connectionLost
        /// COMMIT was sent and its answer lost: the transaction is either whole or absent. Repeat it, with inserts
        /// whose ids were made by the client (`ON CONFLICT DO NOTHING`).
        case commitUnknown
        /// Every connection of the pool was busy for longer than `acquireTimeout`.
        case poolTimeout
        case poolClosed
        /// The statement ran longer than its time-out and was cancelled; the connection stays good.
        case timedOut
        /// The calling task was cancelled, and the statement with it; the connection stays good.
        case cancelled
        /// The server refused the statement, with this SQLSTATE
        /// (https://www.postgresql.org/docs/current/errcodes-appendix.html).
        case server(String)
        /// A column is missing, NULL, or not of the type asked for.
        case decoding
        /// A parameter that Postgres can't hold, such as text with a NUL character.
        case invalidParameter
        case invalidConfiguration
        /// The migrations and the database disagree, or one failed.
        case migration
    }

    public let code: Code
    /// What went wrong, in a sentence, without parameters.
    public let message: String
    /// The statement's text, without parameters.
    public let statement: String?
    /// Five characters; also present on a lost connection whose server said why it went.
    public let sqlState: String?
    /// The constraint that was violated.
    public let constraint: String?
    public let table: String?
    public let column: String?
    /// May quote values of the row concerned.
    public let detail: String?
    public let hint: String?
    /// True when the connection was found broken before a byte of the statement left, so repeating it is safe.
    public let nothingWasSent: Bool

    public init(
        _ code: Code, _ message: String, statement: String? = nil, sqlState: String? = nil, constraint: String? = nil,
        table: String? = nil, column: String? = nil, detail: String? = nil, hint: String? = nil,
        nothingWasSent: Bool = false
    ) {
        self.code = code
        self.message = message
        self.statement = statement
        self.sqlState = sqlState
        self.constraint = constraint
        self.table = table
        self.column = column
        self.detail = detail
        self.hint = hint
        self.nothingWasSent = nothingWasSent
    }

    public var description: String {
        var text = "Postgres: \(message)"
        if let sqlState { text += " (SQLSTATE \(sqlState))" }
        if let constraint { text += "; constraint \(constraint)" }
        if let hint { text += "; hint: \(hint)" }
        if let statement { text += "; statement: \(Self.readable(statement))" }
        return text
    }

    /// White space folded, so that a statement written over many lines is one line of a log, and cut at 300 characters.
    static func readable(_ statement: String) -> String {
        let folded = statement.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return folded.count <= 300 ? folded : folded.prefix(300) + "…"
    }
}

extension PostgresError {
    /// The server could not be reached or went away: waiting and trying again may help.
    public var isConnectionTrouble: Bool {
        switch code {
        case .connectionFailed, .connectionLost, .commitUnknown, .poolTimeout: true
        default: false
        }
    }

    /// The server is in a bad way, and nothing is wrong with the statement: out of disk, memory or connections (53),
    /// shutting down or starting (57), I/O (58), a conflict that outlasted its retries (40), read-only (25006), or a lock
    /// that was waited for too long. Trying again later may help.
    public var isServerTrouble: Bool {
        if code == .timedOut { return true }
        guard let sqlState else { return false }
        return sqlState == "25006" || ["40", "53", "57", "58"].contains { sqlState.hasPrefix($0) }
    }

    public var isUniqueViolation: Bool { sqlState == "23505" }

    /// A row that another one must refer to is missing, or is still referred to.
    public var isForeignKeyViolation: Bool { sqlState == "23503" }

    public var isCheckViolation: Bool { sqlState == "23514" }

    /// Serialization failure or deadlock: the same transaction, run again, may well succeed.
    public var isTransactionConflict: Bool { sqlState == "40001" || sqlState == "40P01" }

    /// The statement was prepared before a schema change, or the server forgot it: preparing it anew helps.
    var isStalePreparedStatement: Bool {
        sqlState == "26000" || (sqlState == "0A000" && message.contains("cached plan must not change result type"))
    }

    func with(code: Code, message: String? = nil, nothingWasSent: Bool? = nil) -> PostgresError {
        PostgresError(
            code, message ?? self.message, statement: statement, sqlState: sqlState, constraint: constraint,
            table: table, column: column, detail: detail, hint: hint,
            nothingWasSent: nothingWasSent ?? self.nothingWasSent)
    }
}
