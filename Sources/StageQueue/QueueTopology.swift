/// What a queue consists of, and every Redis key it uses.
///
/// All keys carry one hash tag, `{namespace:partition}`, so that a script may touch them all in a Redis Cluster.
/// A job's partition belongs to the caller; ``PartitionedQueue`` is a queue of several.
public struct QueueTopology: Sendable, Hashable {
    public let namespace: String
    public let partition: Int
    /// In the order that jobs pass through them.
    public let stages: [Stage]
    /// From the most to the least urgent.
    public let priorities: [Priority]
    /// The consumer group of every ready stream.
    public let group: String

    /// - Throws: ``QueueError/Code/invalidTopology`` when a name or a code is used twice, a list is empty, or the
    ///   namespace or group can't be part of a key.
    public init(
        namespace: String, partition: Int = 0, stages: [Stage], priorities: [Priority], group: String = "workers"
    ) throws(QueueError) {
        func check(_ holds: Bool, _ problem: @autoclosure () -> String) throws(QueueError) {
            guard holds else { throw QueueError(.invalidTopology, problem()) }
        }
        try check(
            namespace.isKeyPart, "the namespace \"\(namespace)\" is not 1 to 32 of a-z, 0-9, '-' and '_'")
        try check(group.isKeyPart, "the group \"\(group)\" is not 1 to 32 of a-z, 0-9, '-' and '_'")
        try check(partition >= 0, "the partition \(partition) is negative")
        try check(!stages.isEmpty && !priorities.isEmpty, "there must be a stage and a priority")
        try check(Set(stages.map(\.name)).count == stages.count, "two stages have one name")
        try check(Set(stages.map(\.code)).count == stages.count, "two stages have one code")
        try check(Set(priorities.map(\.name)).count == priorities.count, "two priorities have one name")
        try check(Set(priorities.map(\.code)).count == priorities.count, "two priorities have one code")
        (self.namespace, self.partition, self.group) = (namespace, partition, group)
        (self.stages, self.priorities) = (stages, priorities)
    }

    /// The same queue's keys in another partition.
    ///
    /// - Parameter number: not negative; a negative one counts as 0.
    public func partition(_ number: Int) -> QueueTopology { QueueTopology(self, partition: max(0, number)) }

    private init(_ other: QueueTopology, partition: Int) {
        (namespace, self.partition, group) = (other.namespace, partition, other.group)
        (stages, priorities) = (other.stages, other.priorities)
    }

    public func stage(named name: String) -> Stage? { stages.first { $0.name == name } }
    public func stage(code: UInt8) -> Stage? { stages.first { $0.code == code } }
    public func priority(named name: String) -> Priority? { priorities.first { $0.name == name } }
    public func priority(code: UInt8) -> Priority? { priorities.first { $0.code == code } }

    /// The stage after this one; nil after the last, and for a stage of another topology.
    public func stage(after stage: Stage) -> Stage? {
        guard let index = stages.firstIndex(of: stage), index + 1 < stages.count else { return nil }
        return stages[index + 1]
    }

    /// Where deliveries of this stage and priority wait: a stream.
    public func readyKey(_ stage: Stage, _ priority: Priority) -> String {
        key("ready:\(stage.name):\(priority.name)")
    }
    /// Sorted set by due time: retries and scheduled deliveries.
    public var delayedKey: String { key("delayed") }
    /// Hash: one live delivery per job and stage, where it is and who owns it.
    public var liveKey: String { key("live") }
    /// Sorted set by time of burial.
    public var deadKey: String { key("dead") }
    /// Set of paused stages' names, and ``everythingPaused``.
    public var pausedKey: String { key("paused") }
    /// Which life of Redis this is.
    public var epochKey: String { key("epoch") }
    /// Hash: which jobs of a lane are in a stage's ready streams or in hand.
    public var lanesKey: String { key("lanes") }
    /// Hash: how often a delivery that is handled alone did not reach its beginning.
    public var suspectsKey: String { key("suspects") }
    /// Sorted set: the lanes that wait at this stage with this priority, by whose turn it is. Each has a sorted set of its
    /// own, whose key is this one, a colon and the lane in hexadecimal.
    public func waitingKey(_ stage: Stage, _ priority: Priority) -> String {
        key("waiting:\(stage.name):\(priority.name)")
    }
    /// Set: the consumers on a host, where ``StageLimits/host`` counts them.
    public func hostKey(_ host: String) -> String { key("host:\(host)") }
    /// Pub/sub channel for live views; the engine leaves its use to the caller.
    public var eventsKey: String { key("events") }
    /// A worker's live view; the engine leaves its use to the caller.
    public func workerKey(_ name: String) -> String { key("worker:\(name)") }

    /// The member of the paused set that stops every stage.
    public static let everythingPaused = "all"

    private func key(_ rest: String) -> String { "{\(namespace):\(partition)}:\(rest)" }

    /// Every pair that has a ready stream, stage by stage.
    var pairs: [(stage: Stage, priority: Priority)] {
        stages.flatMap { stage in priorities.map { (stage, $0) } }
    }
}
