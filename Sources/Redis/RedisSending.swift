/// What sends commands: the shared ``RedisClient`` or a dedicated ``RedisConnection``. Scripts and stream commands work on both.
public protocol RedisSending: Sendable {
    /// Sends one command and returns its reply; throws an error reply as `replyError`.
    func send(_ command: RedisCommand) async throws(RedisError) -> RedisReply

    /// Sends all commands in one write and returns their replies in order. One command's error reply is its element's failure; what befalls
    /// them all (connection, time-out, cancellation) is thrown.
    func pipeline(_ commands: [RedisCommand]) async throws(RedisError) -> [Result<RedisReply, RedisError>]
}

extension RedisSending {
    /// Runs a script, sending its source only when Redis doesn't know it (`NOSCRIPT`: nothing has run, so repeating is safe).
    public func run(
        _ script: RedisScript, keys: [RedisArgument], arguments: [RedisArgument] = []
    ) async throws(RedisError) -> RedisReply {
        do throws(RedisError) {
            return try await send(script.call(keys, arguments))
        } catch {
            guard error.replyCode == "NOSCRIPT" else { throw error }
            return try await send(script.loadingCall(keys, arguments))
        }
    }

    /// Runs a script once for each batch, all in one write. Each batch's error reply is its own.
    ///
    /// Should Redis not know the script, the batches it refused are sent again with the source; batches then may run in another order.
    public func run(
        _ script: RedisScript, batches: [(keys: [RedisArgument], arguments: [RedisArgument])]
    ) async throws(RedisError) -> [Result<RedisReply, RedisError>] {
        var results = try await pipeline(batches.map { script.call($0.keys, $0.arguments) })
        let refused = results.indices.filter { index in
            if case .failure(let error) = results[index] { error.replyCode == "NOSCRIPT" } else { false }
        }
        guard !refused.isEmpty else { return results }
        // The first carries the source, in a cluster the first of each slot; should someone flush the scripts between two of the rest, those are
        // reported as they are.
        var slots: Set<HashSlot> = []
        let again = refused.map { index in
            let batch = batches[index]
            return slots.insert(HashSlot(of: batch.keys.first?.bytes ?? [])).inserted
                ? script.loadingCall(batch.keys, batch.arguments) : script.call(batch.keys, batch.arguments)
        }
        for (index, result) in zip(refused, try await pipeline(again)) { results[index] = result }
        return results
    }
}
