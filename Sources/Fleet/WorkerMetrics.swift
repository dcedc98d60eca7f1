import FoundationEssentials
import Production
import StageQueue
import Synchronization
import Telemetry

/// What a worker tells Prometheus of itself, counted since its start. One snapshot is consistent in itself, whoever
/// counts on meanwhile.
final class WorkerMetrics: Sendable {
    private struct State {
        var inHand = 0
        var attempts: [AttemptState: Int] = [:]
        var durations = MetricHistogram(of: .attemptDuration)
        var refused = 0
        var takenOver = 0
        var reclaimed = 0
        var disowned = 0
        var redis = Outages()
        /// The partitions whose Redis is away.
        var away: Set<Int> = []
        var postgres = Outages()
    }

    private struct Outages {
        var count = 0
        var isUp = true
        mutating func lost() {
            if isUp { count += 1 }
            isUp = false
        }
    }

    private let worker: String
    private let stage: String
    private let slots: Int
    private let start: Date
    private let state = Mutex(State())

    init(worker: String, stage: Stage, slots: Int, takenOver: Int, start: Date) {
        (self.worker, self.stage, self.slots, self.start) = (worker, stage.rawValue, slots, start)
        state.withLock { state in
            state.takenOver = takenOver
            // Series that exist from the start: a rate over one that appears with its first event would miss it.
            for outcome in AttemptState.allCases where outcome != .running && outcome != .lost {
                state.attempts[outcome] = 0
            }
        }
    }

    func begun() { state.withLock { $0.inHand += 1 } }

    /// - Parameter outcome: nil if its commit was refused: then whoever raised the fence has ended it.
    func ended(_ outcome: AttemptState?, after time: Duration) {
        state.withLock { state in
            state.inHand -= 1
            if let outcome { state.attempts[outcome, default: 0] += 1 } else { state.refused += 1 }
            state.durations.observe(time / .seconds(1))
        }
    }

    func postgresLost() { state.withLock { $0.postgres.lost() } }

    func postgresAnswers() { state.withLock { $0.postgres.isUp = true } }

    func heard(_ event: WorkerEvent) {
        switch event {
        case .redisLost(_, let partition):
            state.withLock { state in
                state.away.insert(partition)
                state.redis.lost()
            }
        case .redisBack(_, let partition):
            state.withLock { state in
                state.away.remove(partition)
                state.redis.isUp = state.away.isEmpty
            }
        case .reclaimed: state.withLock { $0.reclaimed += 1 }
        case .lost: state.withLock { $0.disowned += 1 }
        default: break
        }
    }

    func text(_ usage: ProcessUsage = .now) -> String {
        let state = state.withLock { $0 }
        var text = MetricText()
        text.add(.build, 1, worker, Version.current)
        text.add(.slots, slots, worker, stage)
        text.add(.slotsInUse, state.inHand, worker, stage)
        for (outcome, count) in state.attempts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            text.add(.attempts, count, worker, stage, outcome.rawValue)
        }
        text.add(.attemptDuration, state.durations, worker, stage)
        text.add(.refusedCommits, state.refused, worker, stage)
        text.add(.takenOver, state.takenOver, worker, stage)
        text.add(.reclaimed, state.reclaimed, worker, stage)
        text.add(.disowned, state.disowned, worker, stage)
        text.add(.redisUp, state.redis.isUp ? 1 : 0, worker)
        text.add(.redisOutages, state.redis.count, worker)
        text.add(.postgresUp, state.postgres.isUp ? 1 : 0, worker)
        text.add(.postgresOutages, state.postgres.count, worker)
        text.add(.processCPU, usage.processor / .seconds(1), worker)
        if let memory = usage.residentBytes { text.add(.processMemory, memory, worker) }
        text.add(.processStart, start.timeIntervalSince1970, worker)
        return text.text
    }
}
