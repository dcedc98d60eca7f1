import Crypto

/// A Lua script, called by the SHA-1 of its source so that the source crosses the wire only when Redis doesn't have it.
public struct RedisScript: Sendable {
    /// What error messages call it.
    public let name: String
    /// Lower-case hexadecimal, as `EVALSHA` wants it.
    public let sha1: String
    let source: [UInt8]

    public init(name: String, source: [UInt8]) {
        self.name = name
        self.source = source
        let digits = Array("0123456789abcdef")
        // Redis names scripts by SHA-1; nothing here rests on its strength.
        sha1 = String(Insecure.SHA1.hash(data: source).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    /// The call by SHA-1, for a pipeline with other commands. Redis answers `NOSCRIPT` when it doesn't know the script;
    /// ``RedisSending/run(_:keys:arguments:)`` then sends its source.
    public func command(keys: [RedisArgument], arguments: [RedisArgument]) -> RedisCommand { call(keys, arguments) }

    func call(_ keys: [RedisArgument], _ arguments: [RedisArgument]) -> RedisCommand {
        RedisCommand(
            "EVALSHA", arguments: [RedisArgument(sha1), RedisArgument(keys.count)] + keys + arguments, alias: name)
    }

    /// The same call with the source, which Redis then keeps.
    func loadingCall(_ keys: [RedisArgument], _ arguments: [RedisArgument]) -> RedisCommand {
        RedisCommand(
            "EVAL", arguments: [RedisArgument(bytes: source), RedisArgument(keys.count)] + keys + arguments, alias: name
        )
    }
}
