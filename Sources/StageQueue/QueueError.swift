public import Redis

/// Why the queue could not do what was asked.
public struct QueueError: Error, CustomStringConvertible {
    public enum Code: Sendable, Hashable {
        /// The topology contradicts itself.
        case invalidTopology
        /// Redis could not be reached, or its answer was lost: the transition may have happened. Repeating it is safe.
        case unreachable
        /// Redis is full and `noeviction` stands: nothing new is dispatched; what is in hand can still be finished.
        case full
        /// The calling task was cancelled. The transition may have happened. Repeating it is safe.
        case cancelled
        /// Redis refused, for a reason that repeating will not mend.
        case refused
        /// Redis answered in a form that the scripts never give: another program uses these keys, or another version.
        case unexpectedReply
    }

    public let code: Code
    /// What was being done to what, and what to do about it.
    public let message: String
    public let cause: RedisError?

    public init(_ code: Code, _ message: String, cause: RedisError? = nil) {
        (self.code, self.message, self.cause) = (code, message, cause)
    }

    /// Wraps what Redis or the way to it said while `transition` was tried.
    init(_ transition: String, _ cause: RedisError) {
        switch cause.replyCode {
        case "OOM":
            self.init(
                .full, "\(transition): Redis has reached maxmemory. Raise it, or let workers finish what waits.",
                cause: cause)
        // Redis is starting, failing over, moving slots, or busy with someone's script: it will be back.
        case "LOADING", "MASTERDOWN", "READONLY", "TRYAGAIN", "CLUSTERDOWN", "BUSY", "MOVED", "ASK":
            self.init(.unreachable, "\(transition): Redis is not ready. It is safe to repeat this.", cause: cause)
        case .some:
            self.init(.refused, "\(transition): Redis refused.", cause: cause)
        case nil where cause.isConnectionLoss:
            self.init(.unreachable, "\(transition): Redis can't be reached. It is safe to repeat this.", cause: cause)
        case nil where cause.code == .cancelled || cause.code == .clientClosed:
            self.init(.cancelled, "\(transition): stopped while waiting for Redis.", cause: cause)
        case nil where cause.code == .unexpectedReply:
            self.init(
                .unexpectedReply,
                "\(transition): Redis gave an answer that this version doesn't know. Does another program use these keys?",
                cause: cause)
        case nil:
            self.init(.refused, "\(transition): Redis can't be used.", cause: cause)
        }
    }

    public var description: String { cause.map { "\(message) (\($0))" } ?? message }
}
