import Redis
import TestServers
import Testing

@testable import StageQueue

@Suite(.timeLimit(.minutes(1))) struct `An abandoned delivery` {
    @Test func `is one that was not renewed for a lease`() async throws {
        let f = try await QueueFixture()
        let other = try QueueFixture.owner("other")
        try await f.dispatch(1, 2, 3)
        let deliveries = try await f.fetch()
        for delivery in deliveries.prefix(2) { try await f.age(delivery, by: .seconds(21)) }
        #expect(try await f.queue.renew([deliveries[1]], owner: f.owner) == [true])
        #expect(try await f.reclaim(as: other).map(\.job) == [1])
        #expect(try await f.live(1)?.isInHand(of: other) == true)
        #expect(try await f.live(2)?.isInHand(of: f.owner) == true)
        #expect(try await f.reclaim(as: other).isEmpty)
    }

    @Test func `is found beyond the first look, by its cursor and in every priority`() async throws {
        let f = try await QueueFixture()
        let other = try QueueFixture.owner("other")
        _ = try await f.queue.dispatch((1...30).map { Dispatch(job: $0, stage: f.first, priority: f.daily) })
        try await f.dispatch(99, urgently: true)
        for delivery in try await f.fetch() { try await f.age(delivery, by: .seconds(60)) }
        var found: [Int64] = []
        var cursor = ReclaimCursor()
        for _ in 1...11 {
            let answer = try await f.queue.reclaim(
                f.first, slots: 3, owner: other, lease: .seconds(20), from: cursor)
            #expect(answer.deliveries.count <= 3)
            found += answer.deliveries.map(\.job)
            cursor = answer.cursor
        }
        #expect(found == [99] + Array(1...30))
    }

    @Test func `that was deleted meanwhile is dropped`() async throws {
        let f = try await QueueFixture()
        try await f.dispatch(1, 2)
        let deliveries = try await f.fetch()
        for delivery in deliveries { try await f.age(delivery, by: .seconds(60)) }
        _ = try await f.client.send(
            RedisCommand(
                "XDEL", RedisArgument(f.topology.readyKey(f.first, f.daily)), RedisArgument(deliveries[0].entryID)))
        #expect(try await f.reclaim(as: try QueueFixture.owner("other")).map(\.job) == [2])
        #expect(try await f.queue.depth().lines[1].inHand == 1)
    }

    @Test func `stays where it is while its stage is paused`() async throws {
        let f = try await QueueFixture()
        let other = try QueueFixture.owner("other")
        try await f.dispatch(1)
        for delivery in try await f.fetch() { try await f.age(delivery, by: .seconds(60)) }
        try await f.queue.pause(f.first)
        #expect(try await f.reclaim(as: other).isEmpty)
        let answer = try await f.queue.takeOver(f.first, from: "worker", slots: 5, owner: other)
        #expect(answer.deliveries.isEmpty && !answer.isComplete)
        try await f.queue.resume(f.first)
        #expect(try await f.reclaim(as: other).map(\.job) == [1])
    }

    @Test func `of a predecessor is taken over at once, as far as there are slots`() async throws {
        let f = try await QueueFixture()
        try await f.dispatch(1, 2, 3)
        _ = try await f.fetch(3)
        try await f.dispatch(4)
        // The same name in a new life, which already has something of its own in hand.
        let successor = try QueueFixture.owner("worker", incarnation: "2")
        #expect(try await f.fetch(as: successor).map(\.job) == [4])
        let some = try await f.queue.takeOver(f.first, from: "worker", slots: 2, owner: successor)
        #expect(some.deliveries.map(\.job) == [1, 2] && !some.isComplete)
        #expect(some.deliveries.map(\.timesDelivered) == [2, 2])
        let rest = try await f.queue.takeOver(f.first, from: "worker", slots: 2, owner: successor)
        #expect(rest.deliveries.map(\.job) == [3] && rest.isComplete)
        #expect(try await f.live(1)?.isInHand(of: successor) == true)
        #expect(try await f.queue.renew(some.deliveries, owner: f.owner) == [false, false])
    }

    @Test func `survives the removal of the consumer that held it`() async throws {
        let f = try await QueueFixture()
        try await f.dispatch(1, 2)
        try await f.dispatch(3, urgently: true)
        let deliveries = try await f.fetch()
        #expect(try await f.queue.consumers().map(\.inHand) == [3])
        #expect(try await f.queue.removeConsumer("worker") == 3)
        #expect(try await f.queue.consumers().contains { $0.name == "worker" } == false)
        let other = try QueueFixture.owner("other")
        let taken = try await f.reclaim(as: other)
        #expect(taken.map(\.job) == deliveries.map(\.job))
        #expect(try await f.queue.removeConsumer("nobody") == 0)
    }

    @Test func `is not looked for before Redis has answered for a lease without a gap`() {
        let start = ContinuousClock.now
        var steadiness = Steadiness(tolerance: .seconds(5))
        let lease = Duration.seconds(20)
        for second in 0..<20 { steadiness.answered(at: start + .seconds(second)) }
        #expect(!steadiness.isSteady(for: lease, at: start + .seconds(19)))
        steadiness.answered(at: start + .seconds(20))
        #expect(steadiness.isSteady(for: lease, at: start + .seconds(20)))
        // A gap behind us, or since the last answer, begins the lease anew.
        #expect(!steadiness.isSteady(for: lease, at: start + .seconds(26)))
        steadiness.answered(at: start + .seconds(26))
        #expect(!steadiness.isSteady(for: lease, at: start + .seconds(26)))
        steadiness.failed()
        #expect(!steadiness.isSteady(for: .zero, at: start + .seconds(26)))
    }

    @Test func `is not looked for after Redis' clock has stepped`() {
        let start = ContinuousClock.now
        var steadiness = Steadiness(tolerance: .seconds(5))
        for second in 0...30 {
            steadiness.answered(at: start + .seconds(second), redisNow: Int64(second) * 1000)
        }
        #expect(steadiness.isSteady(for: .seconds(20), at: start + .seconds(30)))
        steadiness.answered(at: start + .seconds(31), redisNow: 31_000 + 25_000)
        #expect(!steadiness.isSteady(for: .seconds(20), at: start + .seconds(31)))
        for second in 32...52 {
            steadiness.answered(at: start + .seconds(second), redisNow: Int64(second + 25) * 1000)
        }
        #expect(steadiness.isSteady(for: .seconds(20), at: start + .seconds(52)))
    }
}
