import Foundation
import Logging
import Redis
import StageQueue
import Synchronization
import TestServers

/// From the dispatch of a job to the start of its handler, at 50 a second, with an idle worker.
struct QueuePickup: Benchmark {
    let name = "queue.pickup"
    let figures = ["queue.pickup_p50_ms", "queue.pickup_p99_ms"]
    let about =
        "500 jobs at 50/s from call of dispatch to handler start, ms; reference: XADD to a plain XREADGROUP BLOCK; "
        + "three times by turns, the median of each"

    private static let jobs = 500
    private static let period = Duration.milliseconds(20)

    func run() async throws -> [Figure] {
        try await Bench.with { bench in
            var (ours, reference): ([[Double]], [[Double]]) = ([], [])
            for _ in 0..<3 {
                try await bench.empty()
                reference.append(try await Self.floor(bench))
                try await bench.empty()
                ours.append(try await Self.ours(bench))
            }
            return zip(figures, [0.5, 0.99]).map { name, share in
                func milliseconds(_ runs: [[Double]]) -> Double {
                    Timing.median(runs.map { Timing.percentile(share, of: $0) }) * 1_000
                }
                return Figure(name: name, ours: milliseconds(ours), reference: milliseconds(reference))
            }
        }
    }

    /// Seconds from dispatch to start, each.
    private static func ours(_ bench: Bench) async throws -> [Double] {
        let clock = ContinuousClock()
        let drain = DrainSwitch()
        let starts = Mutex([Int64: ContinuousClock.Instant]())
        let worker = StageWorker(
            queue: bench.queue, stage: bench.stage, owner: bench.owner,
            settings: StageWorkerSettings(slots: 4, timeLimit: .seconds(60), drainTime: .seconds(10)), drain: drain,
            handler: Punctual { job in starts.withLock { $0[job] = clock.now } }, reconcile: {}, report: { _ in })
        var sent: [Int64: ContinuousClock.Instant] = [:]
        // The sender is another process in life, so it has a connection of its own here.
        let sender = StageQueue(
            client: RedisClient(
                configuration: RedisConfiguration(address: .unixSocket(path: bench.server.socketPath)),
                logger: .init(label: "bench", factory: { _ in SwiftLogNoOpLogHandler() })),
            topology: bench.queue.topology)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await worker.run() }
            defer { drain.drain() }
            try await Task.sleep(for: .milliseconds(500))
            let begin = clock.now
            for job in 0..<Int64(jobs) {
                try await Task.sleep(until: begin + period * Double(job))
                sent[job] = clock.now
                try await sender.dispatch(
                    Dispatch(job: job, stage: bench.stage, priority: bench.daily, trace: Bench.trace(job)))
            }
            while starts.withLock({ $0.count }) < jobs { try await Task.sleep(for: .milliseconds(10)) }
        }
        return starts.withLock { starts in
            starts.compactMap { job, start in sent[job].map { $0.duration(to: start).seconds } }
        }
    }

    private static func floor(_ bench: Bench) async throws -> [Double] {
        let clock = ContinuousClock()
        let (reader, writer) = (try Floor(bench.server.socketPath), try Floor(bench.server.socketPath))
        try writer.makeGroup("floor")
        let took = Mutex([ContinuousClock.Instant]())
        let socket = UncheckedReader(reader)
        let thread = Thread {
            for _ in 0..<jobs { try? socket.floor.take("floor") { took.withLock { $0.append(clock.now) } } }
        }
        thread.start()
        try await Task.sleep(for: .milliseconds(500))
        var sent: [ContinuousClock.Instant] = []
        let begin = clock.now
        for job in 0..<jobs {
            try await Task.sleep(until: begin + period * Double(job))
            sent.append(clock.now)
            try writer.add(1, to: "floor", depth: 1)
        }
        while took.withLock({ $0.count }) < jobs { try await Task.sleep(for: .milliseconds(10)) }
        return took.withLock { zip(sent, $0).map { $0.duration(to: $1).seconds } }
    }
}

/// Tells when each job's handler starts.
private struct Punctual: DeliveryHandler {
    let started: @Sendable (Int64) -> Void

    func handle(_ delivery: Delivery, _ context: DeliveryContext) async -> Disposition {
        started(delivery.job)
        return .completed(next: nil)
    }
}

/// Hands a connection to a thread. Unchecked because it is used by that thread alone from then on.
private struct UncheckedReader: @unchecked Sendable {
    let floor: Floor
    init(_ floor: Floor) { self.floor = floor }
}
