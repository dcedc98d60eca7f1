import FoundationEssentials
import Logging
import Production
import Redis
import StageQueue
import Synchronization

/// Keeps the worker's live report in Redis and publishes its events. It is told from anywhere, at any rate, and writes
/// at most twice a second; a Redis that does not answer costs nothing but the view.
final class LiveView: Sendable {
    private struct State {
        var work: [Int64: LiveReport.Work] = [:]
        /// Whose progress has not been told: only its newest is.
        var moved: Set<Int64> = []
        var events: [LiveEvent] = []
    }

    /// How many events are told at once.
    private static let limit = 200

    private let worker: String
    private let stage: Stage
    private let slots: Int
    private let redis: RedisClient
    private let topology: QueueTopology
    private let state = Mutex(State())
    private let changes: AsyncStream<Void>
    private let changed: AsyncStream<Void>.Continuation

    init(worker: String, stage: Stage, slots: Int, redis: RedisClient, topology: QueueTopology) {
        (self.worker, self.stage, self.slots, self.redis, self.topology) = (worker, stage, slots, redis, topology)
        (changes, changed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func begun(_ job: Job.ID) {
        note(LiveEvent(kind: .begun, job: job.rawValue, stage: stage, worker: worker)) {
            $0.work[job.rawValue] = LiveReport.Work(job: job.rawValue, fraction: 0, detail: "")
        }
    }

    func progress(_ job: Job.ID, _ progress: StageProgress) {
        state.withLock { state in
            state.work[job.rawValue] = LiveReport.Work(
                job: job.rawValue, fraction: progress.fraction, detail: progress.detail)
            state.moved.insert(job.rawValue)
        }
        changed.yield()
    }

    func ended(_ job: Job.ID, _ outcome: AttemptState) {
        let event = LiveEvent(
            kind: .ended, job: job.rawValue, stage: stage, worker: worker, outcome: outcome.rawValue)
        note(event) {
            $0.work[job.rawValue] = nil
            $0.moved.remove(job.rawValue)
        }
    }

    /// Writes until cancelled: at every change, but not more often than twice a second, and at every beat, since the
    /// report expires.
    func run(beat: Duration) async {
        await withTaskGroup { group in
            group.addTask {
                while !Task.isCancelled {
                    self.changed.yield()
                    try? await Task.sleep(for: beat)
                }
            }
            for await _ in changes {
                await write(expiring: beat * 3)
                try? await Task.sleep(for: .milliseconds(500))
            }
            group.cancelAll()
        }
    }

    private func note(_ event: LiveEvent, _ change: (inout State) -> Void) {
        state.withLock { state in
            change(&state)
            // Whoever looks on can't read more in half a second, and what is left out still stands in the report.
            if state.events.count < Self.limit { state.events.append(event) }
        }
        changed.yield()
    }

    private func write(expiring: Duration) async {
        let (work, events) = state.withLock { state in
            defer { (state.events, state.moved) = ([], []) }
            let progress = state.moved.sorted().compactMap { state.work[$0] }.map { work in
                LiveEvent(
                    kind: .progress, job: work.job, stage: stage, worker: worker, fraction: work.fraction,
                    detail: work.detail)
            }
            return (state.work.values.sorted { $0.job < $1.job }, state.events + progress)
        }
        let encoder = JSONEncoder()
        let report = LiveReport(worker: worker, stage: stage, slots: slots, work: work)
        guard let json = try? encoder.encode(report) else { return }
        let key = RedisArgument(topology.workerKey(worker))
        var commands = [
            RedisCommand("HSET", key, "report", RedisArgument(bytes: Array(json))),
            RedisCommand("PEXPIRE", key, RedisArgument(expiring.milliseconds)),
        ]
        for event in events {
            guard let json = try? encoder.encode(event) else { continue }
            commands.append(
                RedisCommand("PUBLISH", RedisArgument(topology.eventsKey), RedisArgument(bytes: Array(json))))
        }
        // A view is not worth an error: the next beat writes it again.
        _ = try? await redis.pipeline(commands)
    }
}
