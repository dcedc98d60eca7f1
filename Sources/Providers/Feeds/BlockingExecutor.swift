import Dispatch

/// Runs an actor on a serial queue of its own, because its work blocks or takes long, and the cooperative pool has only
/// as many threads as the machine has cores.
package final class BlockingExecutor: SerialExecutor {
    private let queue: DispatchQueue

    package init(label: String) { queue = DispatchQueue(label: label) }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
