import Synchronization

/// What a worker has for each partition that is known, and those of partitions that are known no more but still in hand.
final class WorkerPartitions: Sendable {
    private struct State {
        var open: [Int: WorkerPartition] = [:]
        var leaving: [WorkerPartition] = []
    }
    private let state = Mutex(State())

    var all: [WorkerPartition] { state.withLock { Array($0.open.values) + $0.leaving } }

    /// Answers those to be run for partitions that are new, and retires those of partitions that are gone.
    func update(_ partitions: Set<Int>, make: (Int) -> WorkerPartition) async -> [WorkerPartition] {
        let new = state.withLock { state in
            let new = partitions.subtracting(state.open.keys).sorted().map(make)
            for part in new { state.open[part.partition] = part }
            for partition in Set(state.open.keys).subtracting(partitions) {
                if let part = state.open.removeValue(forKey: partition) { state.leaving.append(part) }
            }
            return new
        }
        for part in state.withLock(\.leaving) { await part.retire() }
        return new
    }

    func ended(_ part: WorkerPartition) {
        state.withLock { state in
            if state.open[part.partition] === part { state.open[part.partition] = nil }
            state.leaving.removeAll { $0 === part }
        }
    }
}
