import StageQueue
import TestServers

/// Jobs a second made ready one by one, each awaited.
struct QueueDispatchSingle: Benchmark {
    let name = "queue.dispatch_single"
    let about = "one caller's dispatches, each awaited, jobs/s; reference: hand-packed XADD, one by one"

    func run() async throws -> [Figure] {
        try await Bench.with { bench in
            let count = 10_000
            let dispatches = bench.dispatches(count)
            let floor = try Floor(bench.server.socketPath)
            let (ours, reference) = try await Timing.alternately(3) {
                try await bench.empty()
                return try await Processor.rate(bench, count) {
                    for dispatch in dispatches { try await bench.queue.dispatch(dispatch) }
                }
            } reference: {
                try await bench.empty()
                return try await Processor.rate(bench, count) { try floor.add(count, to: "floor", depth: 1) }
            }
            return [Figure(name: name, ours: ours, reference: reference)]
        }
    }
}
