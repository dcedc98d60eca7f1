/// What happens in a worker, for its logs, its metrics and its watchdog.
public enum WorkerEvent: Sendable {
    /// A loop came round, and so did those of all other partitions lately: with work or without, waiting for a slot or for
    /// Redis. Feed the watchdog. Not sent while a handler has long passed its time limit without returning.
    case cameRound
    /// A partition's Redis stopped answering.
    case redisLost(QueueError, partition: Int)
    /// It answers again, after so long, or is wanted no more.
    case redisBack(after: Duration, partition: Int)
    case started(Delivery)
    /// Handled and settled with Redis; `owned` as in ``FinishOutcome``.
    case ended(Delivery, Disposition, owned: Bool, after: Duration)
    /// Handled, but Redis did not hear of it before the worker stopped; its redelivery will find the work done.
    case unsettled(Delivery, Disposition)
    /// Redis says that another worker owns this delivery. Its handler goes on, and its commit decides.
    case lost(Delivery)
    /// Taken from a worker that no longer renewed it, or from this worker's predecessor.
    case reclaimed(Delivery)
    case anomaly(Anomaly)
    /// So many entries of an unknown stage or version were set aside.
    case unknown(Int)
    /// A partition's Redis has answered for the first time: this is its epoch.
    case metEpoch(String, partition: Int)
    /// Redis is not the one that this worker knew, or lacks what a used one has, in this partition; `reconcile` is called.
    case newEpoch(String, partition: Int)
    /// Redis refused something that repeating won't mend.
    case failed(QueueError)
}
