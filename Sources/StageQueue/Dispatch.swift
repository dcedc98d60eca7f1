/// A delivery to be made.
public struct Dispatch: Sendable, Hashable {
    /// Where the job belongs, once and for all. ``PartitionedQueue`` goes by it; a ``StageQueue`` is one partition, and takes
    /// what it is given.
    public var partition: Int
    public var job: Int64
    public var stage: Stage
    public var priority: Priority
    /// Whose work it is, for fairness: no lane has more in a stage's ready streams than ``LaneLimits/ahead``. What has no
    /// lane never waits for another's turn.
    public var lane: Int64?
    public var trace: TraceContext?
    /// When it may be handed out; nil: now.
    public var due: Due?

    public init(
        partition: Int = 0, job: Int64, stage: Stage, priority: Priority, lane: Int64? = nil,
        trace: TraceContext? = nil, due: Due? = nil
    ) {
        self.partition = partition
        (self.job, self.stage, self.priority, self.lane) = (job, stage, priority, lane)
        (self.trace, self.due) = (trace, due)
    }

    /// The same stage of the same job once more.
    public init(again delivery: Delivery, due: Due? = nil) {
        self.init(
            partition: delivery.partition, job: delivery.job, stage: delivery.stage, priority: delivery.priority,
            lane: delivery.lane,
            trace: delivery.trace, due: due)
    }
}
