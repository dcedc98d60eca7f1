import Redis

/// What one look into the streams brought.
public struct FetchAnswer: Sendable {
    /// At most as many as there were free slots, in the order they should be started.
    public var deliveries: [Delivery] = []
    /// Entries that were no deliveries, and were removed.
    public var anomalies: [Anomaly] = []
    /// Entries of an unknown stage or schema version, set aside in the group for a worker that knows them.
    public var unknown = 0
    /// Which life of Redis answered. Another one than before: everything in Redis may be gone, reconcile.
    public var epoch = ""
    /// Whether this look made the epoch or a consumer group, as after `FLUSHALL`: reconcile.
    public var foundNothing = false
    /// Whether the stage, or everything, is paused; then nothing was taken.
    public var isPaused = false
    /// Whether nothing that could be taken was left behind, so that the caller may wait for ``bell``.
    public var isDrained = false
    /// How long until the first delayed delivery, of any stage, is due; nil when none is delayed.
    public var nextDue: Duration?
    /// Redis' clock, in milliseconds since 1970: a step in it makes leases worthless for a while.
    public var now: Int64 = 0
    /// Where the streams ended at this look: the doorbell rings for anything later.
    public var bell = Doorbell(positions: [])
}

/// An entry in a ready stream that was not a delivery of that stage.
public struct Anomaly: Sendable, Hashable {
    public enum Reason: String, Sendable {
        /// Not exactly the one field that a delivery has.
        case fields
        /// The field has neither of the lengths that this version has.
        case length
        /// A delivery of a known stage, in another stage's stream.
        case stage
        /// The job's live delivery of this stage is another, existing one.
        case duplicate
    }

    public let stream: String
    /// As Redis gave it.
    public let entry: String
    public let reason: Reason
    /// What the entry held, cut after 64 bytes.
    public let content: [UInt8]
}

/// Ends of the streams that a worker reads, as of one look.
public struct Doorbell: Sendable, Hashable {
    /// Pairs of stream key and last entry id.
    let positions: [Position]

    struct Position: Sendable, Hashable {
        let stream: String
        let last: StreamEntryID
    }
}
