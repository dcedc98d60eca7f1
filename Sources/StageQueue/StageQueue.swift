public import Redis

/// A queue of stages over Redis Streams: at-least-once delivery, one live delivery per job and stage.
///
/// Every transition is one Lua script that validates, then frees, then adds, and that may be repeated: when an answer is
/// lost, do it again. Deliveries are hints; nothing here is worth keeping, and after a `FLUSHALL` a
/// dispatch of everything unfinished restores the queue.
public struct StageQueue: Sendable {
    public let topology: QueueTopology
    let client: RedisClient
    let scripts: QueueScripts

    /// Opens nothing; `client` connects when it is first used.
    public init(client: RedisClient, topology: QueueTopology) {
        (self.client, self.topology) = (client, topology)
        scripts = QueueScripts(topology: topology)
    }
}
