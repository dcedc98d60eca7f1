import Dispatch

/// Runs actors on a serial queue of their own, because their calls block: on a server, a disk, or the processor for long.
/// Actors that share one executor never run at the same time.
///
/// A serial queue gets a thread whenever it has work, however many others are blocked; the cooperative pool, which has
/// one thread a core, would stand still.
public final class BlockingExecutor: SerialExecutor {
    private let queue: DispatchQueue

    public init(label: String) { queue = DispatchQueue(label: label) }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
