import StageQueue
import Synchronization
import TestServers

/// Jobs a second through one worker with many slots.
struct QueueDrain: Benchmark {
    let name = "queue.drain"
    let about =
        "one StageWorker, \(Self.slots) slots, no-op handler, live index, ownership, deletion, jobs/s; "
        + "reference: XREADGROUP COUNT 100 + XACK 100"
    static let slots = 1_000

    func run() async throws -> [Figure] {
        try await QueueDrain.measure(name, slots: Self.slots, count: 100_000, depth: 100, times: 5)
    }

    static func measure(_ name: String, slots: Int, count: Int, depth: Int, times: Int) async throws -> [Figure] {
        try await Bench.with { bench in
            let dispatches = bench.dispatches(count)
            let floor = try Floor(bench.server.socketPath)
            let (ours, reference) = try await Timing.alternately(times) {
                try await bench.empty()
                _ = try await bench.queue.dispatch(dispatches)
                return try await Processor.rate(bench, count) { await drain(bench, slots: slots, count: count) }
            } reference: {
                try await bench.empty()
                try floor.makeGroup("floor")
                try floor.add(count, to: "floor", depth: 100)
                return try await Processor.rate(bench, count) { _ = try floor.drain("floor", depth: depth) }
            }
            return [Figure(name: name, ours: ours, reference: reference)]
        }
    }

    /// Runs a worker until so many have ended.
    static func drain(_ bench: Bench, slots: Int, count: Int) async {
        let drain = DrainSwitch()
        let left = Atomic(count)
        let worker = StageWorker(
            queue: bench.queue, stage: bench.stage, owner: bench.owner,
            settings: StageWorkerSettings(slots: slots, timeLimit: .seconds(60), drainTime: .seconds(10)),
            drain: drain, handler: NoWork(), reconcile: {},
            report: { event in
                if case .ended = event, left.subtract(1, ordering: .relaxed).newValue == 0 { drain.drain() }
            })
        await worker.run()
    }
}

/// Nothing to do, and nothing follows.
struct NoWork: DeliveryHandler {
    func handle(_ delivery: Delivery, _ context: DeliveryContext) async -> Disposition { .completed(next: nil) }
}
