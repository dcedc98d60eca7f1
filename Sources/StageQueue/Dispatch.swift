/// A delivery to be made.
public struct Dispatch: Sendable, Hashable {
    public var job: Int64
    public var stage: Stage
    public var priority: Priority
    public var trace: TraceContext?
    /// When it may be handed out; nil: now.
    public var due: Due?

    public init(job: Int64, stage: Stage, priority: Priority, trace: TraceContext? = nil, due: Due? = nil) {
        (self.job, self.stage, self.priority, self.trace, self.due) = (job, stage, priority, trace, due)
    }

    /// The same stage of the same job once more.
    public init(again delivery: Delivery, due: Due? = nil) {
        self.init(
            job: delivery.job, stage: delivery.stage, priority: delivery.priority, trace: delivery.trace, due: due)
    }
}
