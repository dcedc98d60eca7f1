/// Jobs a second through one worker with a single slot: each is fetched, done and finished before the next.
struct QueueDrainSingle: Benchmark {
    let name = "queue.drain_single"
    let about = "one StageWorker with one slot, jobs/s; reference: XREADGROUP COUNT 1 + XACK, one by one"

    func run() async throws -> [Figure] {
        try await QueueDrain.measure(name, slots: 1, count: 5_000, depth: 1, times: 3)
    }
}
