import Redis
import StageQueue
import TestServers

/// Bytes of Redis' memory for each waiting job.
struct QueueBytes: Benchmark {
    let name = "queue.bytes_per_job"
    let about =
        "growth of used_memory_dataset by 100,000 ready jobs with trace; reference: the same entries in a stream alone"

    func run() async throws -> [Figure] {
        try await Bench.with { bench in
            let count = 100_000
            let floor = try Floor(bench.server.socketPath)
            let before = try await memory(bench)
            try floor.add(count, to: "floor", depth: 100)
            let reference = try await memory(bench) - before
            try await bench.empty()
            let start = try await memory(bench)
            _ = try await bench.queue.dispatch(bench.dispatches(count))
            let ours = try await memory(bench) - start
            return [Figure(name: name, ours: ours / Double(count), reference: reference / Double(count))]
        }
    }

    private func memory(_ bench: Bench) async throws -> Double {
        let text = try await bench.client.send(RedisCommand("INFO", "memory")).string()
        let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("used_memory_dataset:") }
        return line.flatMap { Double($0.drop { $0 != ":" }.dropFirst()) } ?? 0
    }
}
