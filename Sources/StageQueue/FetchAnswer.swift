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
    /// Whether a limit kept something from being taken: what ends elsewhere may make room, and no bell rings for that.
    public var isLimited = false
    /// Whether a lane waits at this stage, and so should take turns with the less urgent; see ``FetchRotation``.
    public var isCrowded = false
    /// How long until the first delayed delivery, of any stage, is due; nil when none is delayed.
    public var nextDue: Duration?
    /// Redis' clock, in milliseconds since 1970: a step in it makes leases worthless for a while.
    public var now: Int64 = 0
    /// Where the streams ended at this look, if it was drained or paused: the doorbell rings for anything later.
    public var bell = Doorbell(positions: [])
}
