/// A command's name and its arguments, e.g. `RedisCommand("HSET", "key", "field", 1)`. Arguments are never parsed, so nothing can be injected.
public struct RedisCommand: Sendable {
    public let name: String
    public let arguments: [RedisArgument]
    /// Stands in for the first argument in error messages: a script's name instead of its hash or source.
    let alias: String?

    public init(_ name: String, _ arguments: RedisArgument...) {
        self.init(name, arguments: arguments)
    }

    public init(_ name: String, arguments: [RedisArgument]) {
        self.init(name, arguments: arguments, alias: nil)
    }

    init(_ name: String, arguments: [RedisArgument], alias: String?) {
        self.name = name
        self.arguments = arguments
        self.alias = alias
    }

    /// The reply, or the error that an error reply becomes.
    func checked(_ reply: RedisReply) -> Result<RedisReply, RedisError> {
        if case .error(let message) = reply {
            return .failure(RedisError(.replyError, command: summary, mayHaveRun: true, message))
        }
        return .success(reply)
    }
}
