/// A delivery to be made.
public struct Dispatch: Sendable, Hashable {
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
        job: Int64, stage: Stage, priority: Priority, lane: Int64? = nil, trace: TraceContext? = nil, due: Due? = nil
    ) {
        (self.job, self.stage, self.priority, self.lane) = (job, stage, priority, lane)
        (self.trace, self.due) = (trace, due)
    }

    /// The same stage of the same job once more.
    public init(again delivery: Delivery, due: Due? = nil) {
        self.init(
            job: delivery.job, stage: delivery.stage, priority: delivery.priority, lane: delivery.lane,
            trace: delivery.trace, due: due)
    }
}
