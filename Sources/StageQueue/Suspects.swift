import Redis

extension StageQueue {
    /// Handed out so often before without an end, a delivery is suspected of killing its worker before it begins.
    static let handsBeforeSuspicion = 2
    /// So many times alone, and it is poison.
    static let lonelyDeathsBeforeBurial = 3

    /// Counts that a suspect is about to be handled alone. Answers how often it was before, and never began.
    func suspect(_ delivery: Delivery) async throws(QueueError) -> Int {
        try await run(scripts.suspect, [RedisArgument(bytes: DeliveryCoding.key(delivery.reference)), 1]) {
            reply throws(RedisError) in Int(try reply.integer())
        }
    }

    /// It has begun: its failures are counted elsewhere.
    func clear(_ delivery: Delivery) async throws(QueueError) {
        try await run(scripts.suspect, [RedisArgument(bytes: DeliveryCoding.key(delivery.reference)), 0]) { _ in }
    }
}
