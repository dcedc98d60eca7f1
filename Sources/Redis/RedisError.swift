/// What went wrong between this library and Redis: the kind, the command it happened to, and words for a person.
public struct RedisError: Error, Sendable, Equatable {
    public enum Code: Sendable, Equatable {
        /// No connection could be made in the time allowed. Nothing was sent.
        case connectionFailed
        /// The connection was lost. See ``RedisError/mayHaveRun`` for whether Redis may have done what was asked.
        case connectionClosed
        /// No reply came in time. The connection was closed: replies come in order, so nothing behind this one could be answered either.
        case timedOut
        /// The awaiting task was cancelled. Redis may still do what was asked; see ``RedisError/mayHaveRun``.
        case cancelled
        case authenticationFailed
        /// Redis, or what answers in its place, sent bytes that are not RESP2. The connection was closed.
        case protocolError
        /// Redis refused the command. ``RedisError/replyCode`` has the refusal's first word.
        case replyError
        /// Redis did what was asked, but its reply has another form than the caller expected.
        case unexpectedReply
        /// The configuration, or a command on this kind of connection, makes no sense. Nothing was sent.
        case invalidConfiguration
        /// ``RedisClient/close()`` or ``RedisConnection/close()`` was called.
        case clientClosed
    }

    public let code: Code
    /// The command's name and the beginning of its first arguments; never a password. Nil where no single command is to blame.
    public let command: String?
    public let message: String
    /// Whether the command was written to a connection, so that Redis may have run it although no reply came. Always true for a reply error.
    public let mayHaveRun: Bool

    public init(_ code: Code, command: String? = nil, mayHaveRun: Bool = false, _ message: String) {
        self.code = code
        self.command = command
        self.mayHaveRun = mayHaveRun
        self.message = message
    }

    /// The first word of Redis' error reply: `NOGROUP`, `OOM`, `UNBLOCKED`, `LOADING`, … Nil for every other kind of error.
    public var replyCode: Substring? {
        code == .replyError ? message.prefix { $0 != " " } : nil
    }

    /// Whether Redis could not be reached or did not answer, as opposed to having refused: the next try may find it again.
    public var isConnectionLoss: Bool {
        switch code {
        case .connectionFailed, .connectionClosed, .timedOut: true
        case .cancelled, .authenticationFailed, .protocolError, .replyError, .unexpectedReply, .invalidConfiguration,
            .clientClosed:
            false
        }
    }
}

extension RedisError: CustomStringConvertible {
    public var description: String {
        let subject = command.map { ", \($0)" } ?? ""
        let doubt = mayHaveRun && code != .replyError ? " (the command may have run)" : ""
        return "Redis \(code)\(subject): \(message)\(doubt)"
    }
}
