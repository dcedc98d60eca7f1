import Dispatch

/// Runs an actor on a serial queue of its own, because its C calls block a thread while they wait for the server.
///
/// A serial queue gets a thread whenever it has work, however many others are blocked; the cooperative pool, which has
/// one thread a core, would stand still.
final class BlockingExecutor: SerialExecutor {
    private let queue: DispatchQueue

    init(label: String) {
        queue = DispatchQueue(label: label)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
