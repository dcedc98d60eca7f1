/// The numbers of a ``StageWorker``.
public struct StageWorkerSettings: Sendable, Hashable {
    /// How many deliveries are worked on at once, at least 1.
    public var slots: Int
    /// How long a handler may take before its task is cancelled.
    public var timeLimit: Duration
    /// How long work in hand may go on once the worker drains.
    public var drainTime: Duration
    /// A delivery that was not renewed for this long is another worker's to take. The same in the whole fleet.
    public var lease: Duration = .seconds(20)
    /// How often everything in hand is renewed; at most a quarter of the lease.
    public var beat: Duration = .seconds(5)
    /// How often abandoned deliveries are looked for.
    public var scan: Duration = .seconds(3)
    /// How many may be in hand beyond this worker's slots.
    public var limits = StageLimits()
    /// The longest wait at the doorbell, and so for a pause or a flushed Redis to be noticed.
    public var bell: Duration = .seconds(1)
    /// How often partitions are looked into at which the worker does not wait.
    public var sweep: Duration = .seconds(5)
    /// How long, after everything in hand has ended, Redis is still tried to be told.
    public var farewell: Duration = .seconds(2)

    public init(slots: Int, timeLimit: Duration, drainTime: Duration) {
        (self.slots, self.timeLimit, self.drainTime) = (max(1, slots), timeLimit, drainTime)
    }
}
