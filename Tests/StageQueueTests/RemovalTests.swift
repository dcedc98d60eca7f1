import Redis
import StageQueue
import Testing

/// Finished entries go in one cut where that is exact, else one by one.
@Suite(.timeLimit(.minutes(1))) struct `What has ended` {
    @Test(arguments: [1, 2, 3])
    func `is gone, and nothing else is, in whatever order it ends`(seed: UInt64) async throws {
        let f = try await QueueFixture()
        var random = Seeded(state: seed)
        let count = 600
        _ = try await f.queue.dispatch(
            (1...Int64(count)).map {
                Dispatch(job: $0, stage: f.first, priority: $0 % 5 == 0 ? f.urgent : f.daily)
            })
        let owners = try ["a", "b", "c"].map { try QueueFixture.owner($0) }
        var inHand: [[Delivery]] = [[], [], []]
        var finished: Set<Int64> = []
        while finished.count < count {
            let who = Int.random(in: 0..<3, using: &random)
            inHand[who] += try await f.fetch(Int.random(in: 0...60, using: &random), as: owners[who])
            inHand[who].shuffle(using: &random)
            let some = Array(inHand[who].prefix(Int.random(in: 0...80, using: &random)))
            inHand[who].removeFirst(some.count)
            let outcomes = try await f.queue.finish(
                some.map { Ending($0, .completed(next: nil)) }, owner: owners[who])
            #expect(outcomes.allSatisfy { $0.owned })
            finished.formUnion(some.map(\.job))
            // Exactly what has not ended is there: in the streams, in hand, and in live.
            let length = try await f.length(f.first, f.urgent) + f.length(f.first, f.daily)
            #expect(length == Int64(count - finished.count))
            let lines = try await f.queue.depth().lines.prefix(2)
            #expect(lines.map(\.inHand).reduce(0, +) == inHand.joined().count)
            #expect(lines.map { $0.ready + $0.inHand }.reduce(0, +) == count - finished.count)
        }
        let live = try await f.queue.live((1...Int64(count)).map { JobReference(job: $0, stage: f.first) })
        #expect(live.allSatisfy { $0 == nil })
    }

    @Test func `takes nothing undelivered with it when the group was made anew from the beginning`() async throws {
        let f = try await QueueFixture()
        _ = try await f.queue.dispatch((1...20).map { Dispatch(job: $0, stage: f.first, priority: f.daily) })
        let taken = try await f.fetch(10)
        let stream = RedisArgument(f.topology.readyKey(f.first, f.daily))
        _ = try await f.client.send(RedisCommand("XGROUP", "DESTROY", stream, "workers"))
        _ = try await f.client.send(RedisCommand("XGROUP", "CREATE", stream, "workers", 0))
        _ = try await f.queue.finish(taken.suffix(5).map { Ending($0, .completed(next: nil)) }, owner: f.owner)
        let again = try await f.fetch(100, as: try QueueFixture.owner("other"))
        #expect(again.map(\.job) == Array(1...5) + Array(11...20))
    }

    @Test func `may have been an entry of a megabyte, which is no delivery`() async throws {
        let f = try await QueueFixture()
        for code in [f.first.code, f.second.code] {
            _ = try await f.smuggle([
                "d", RedisArgument(bytes: [1, code] + [UInt8](repeating: 0xFF, count: 1 << 20)),
            ])
        }
        try await f.dispatch(1)
        let answer = try await f.queue.fetch(f.first, slots: 1, owner: f.owner)
        #expect(answer.deliveries.map(\.job) == [1])
        #expect(answer.anomalies.map(\.reason) == [.length, .length])
        #expect(answer.anomalies.allSatisfy { $0.content.count == 64 })
        #expect(try await f.length(f.first, f.daily) == 1)
    }
}

/// The same numbers for the same seed (SplitMix64).
private struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
