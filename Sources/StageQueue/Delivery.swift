public import Redis

/// One stage of one job, in a worker's hand.
public struct Delivery: Sendable, Hashable {
    /// Of the queue it was taken from; all that follows it goes there too.
    public let partition: Int
    public let job: Int64
    public let stage: Stage
    public let priority: Priority
    /// As in ``Dispatch/lane``.
    public let lane: Int64?
    public let trace: TraceContext?
    /// Its entry in the ready stream. A delivery that is released or retried comes back with another one.
    public let entryID: StreamEntryID
    /// How often this entry was handed to a worker: 1 when fetched, more after reclaims. It counts nothing but
    /// deliveries that never reached a beginning; attempts are counted by whoever keeps the truth.
    public let timesDelivered: Int

    public init(
        partition: Int = 0, job: Int64, stage: Stage, priority: Priority, lane: Int64? = nil, trace: TraceContext?,
        entryID: StreamEntryID, timesDelivered: Int = 1
    ) {
        self.partition = partition
        (self.job, self.stage, self.priority, self.lane, self.trace) = (job, stage, priority, lane, trace)
        (self.entryID, self.timesDelivered) = (entryID, timesDelivered)
    }

    public var reference: JobReference { JobReference(job: job, stage: stage) }
}
