public import Redis

/// A queue of stages over Redis Streams: at-least-once delivery, one live delivery per job and stage.
///
/// Every transition is one Lua script that validates, then frees, then adds. Any of them may be repeated when its answer
/// was lost. Deliveries are hints: after a `FLUSHALL`, dispatching everything unfinished restores the queue.
public struct StageQueue: Sendable {
    public let topology: QueueTopology
    let client: RedisClient
    let scripts: QueueScripts
    let lanes: LaneLimits
    let newEpoch: @Sendable () -> String

    /// Opens nothing; `client` connects when it is first used.
    ///
    /// - Parameter newEpoch: draws an id that names a new life of Redis, never the same twice.
    public init(
        client: RedisClient, topology: QueueTopology, lanes: LaneLimits = LaneLimits(),
        newEpoch: @escaping @Sendable () -> String = { String(UInt64.random(in: 1...UInt64.max), radix: 16) }
    ) {
        (self.client, self.topology, self.lanes, self.newEpoch) = (client, topology, lanes, newEpoch)
        scripts = QueueScripts(topology: topology, lanes: lanes)
    }

    /// Which life of Redis this is, and whether this call is the first to ask; then everything in it is new: reconcile.
    public func epoch() async throws(QueueError) -> (epoch: String, isNew: Bool) {
        try await run(scripts.epoch, [RedisArgument(newEpoch())]) { reply throws(RedisError) in
            let parts = try reply.array(2)
            return (try parts[0].string(), try parts[1].integer() == 1)
        }
    }
}
