import Ledger
import Logging
import Production
import StageQueue
import Synchronization
import Telemetry

/// Keeps a worker's view of the queue's partitions: which there are, and at which of them it waits. All workers of a stage come
/// to the same division from the same rows, without talking to each other.
final class PartitionWatch: Sendable {
    /// Each bell is a connection that blocks, so a worker rings at no more; the rest it sweeps.
    static let mostBells = 4

    private struct State {
        var workers: [String] = []
        var partitions: [Int] = []
        /// Nil: at all.
        var rung: Set<Int>?
    }

    private let services: FleetServices
    private let stage: Stage
    private let worker: String
    private let logger: Logger
    private let state = Mutex(State())

    init(services: FleetServices, stage: Stage, worker: String, logger: Logger) {
        (self.services, self.stage, self.worker, self.logger) = (services, stage, worker, logger)
    }

    func rings(_ partition: Int) -> Bool { state.withLock { $0.rung?.contains(partition) ?? true } }

    /// Looks at every beat until cancelled.
    func run(every beat: Duration) async {
        while !Task.isCancelled {
            do {
                try await look()
            } catch {
                guard !Task.isCancelled else { return }
                logger.debug("partitions unknown", metadata: [LogKey.error: "\(error)"])
            }
            try? await Task.sleep(for: beat)
        }
    }

    private func look() async throws {
        try await services.learnPartitions()
        let partitions = services.queue.partitions
        guard partitions.count > Self.mostBells else { return state.withLock { $0.rung = nil } }
        let workers = try await services.ledger.livingWorkers(at: stage)
        let isNews = state.withLock { state in
            defer { (state.workers, state.partitions) = (workers, partitions) }
            return state.workers != workers || state.partitions != partitions || state.rung == nil
        }
        guard isNews else { return }
        let rung = PartitionShare.of(worker, among: workers, partitions: partitions, most: Self.mostBells)
        state.withLock { $0.rung = rung }
    }
}
