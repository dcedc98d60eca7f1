import StageQueue
import TestServers

/// Jobs a second made ready in bulk.
struct QueueDispatch: Benchmark {
    let name = "queue.dispatch"
    let about = "one caller's dispatch in bulk, jobs/s; reference: one connection, hand-packed XADD, pipelined by 100"

    func run() async throws -> [Figure] {
        try await Bench.with { bench in
            let count = 100_000
            let dispatches = bench.dispatches(count)
            let floor = try Floor(bench.server.socketPath)
            let (ours, reference) = try await Timing.alternately(5) {
                try await bench.empty()
                return try await Processor.rate(bench, count) { _ = try await bench.queue.dispatch(dispatches) }
            } reference: {
                try await bench.empty()
                return try await Processor.rate(bench, count) { try floor.add(count, to: "floor", depth: 100) }
            }
            return [Figure(name: name, ours: ours, reference: reference)]
        }
    }
}
