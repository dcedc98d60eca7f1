import Redis
import StageQueue
import TestServers
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A finished delivery` {
    @Test func `leaves nothing behind but the next stage`() async throws {
        let f = try await QueueFixture()
        try await f.dispatch(1)
        let delivery = try #require(try await f.fetch().first)
        let next = Dispatch(job: 1, stage: f.second, priority: f.urgent)
        #expect(
            try await f.queue.complete(delivery, next: next, owner: f.owner)
                == FinishOutcome(owned: true, dispatches: [.dispatched]))
        #expect(try await f.live(1) == nil)
        #expect(try await f.length(f.first, f.daily) == 0)
        #expect(try await f.queue.depth().lines[1].inHand == 0)
        #expect(try await f.fetch(at: f.second).map(\.priority) == [f.urgent])
    }

    @Test func `changes nothing when it is finished a second time`() async throws {
        let f = try await QueueFixture()
        try await f.dispatch(1)
        let delivery = try #require(try await f.fetch().first)
        let next = Dispatch(job: 1, stage: f.second, priority: f.daily)
        _ = try await f.queue.complete(delivery, next: next, owner: f.owner)
        #expect(
            try await f.queue.complete(delivery, next: next, owner: f.owner)
                == FinishOutcome(owned: false, dispatches: [.alreadyLive]))
        #expect(try await f.length(f.second, f.daily) == 1)
    }

    @Test func `that a zombie finishes stays with its new owner, but is forwarded`() async throws {
        let f = try await QueueFixture()
        let other = try QueueFixture.owner("other")
        try await f.dispatch(1)
        let zombies = try #require(try await f.fetch().first)
        try await f.age(zombies, by: .seconds(60))
        let taken = try #require(try await f.reclaim(as: other).first)
        #expect(taken.entryID == zombies.entryID)
        #expect(taken.timesDelivered == 2)

        #expect(try await f.queue.renew([zombies], owner: f.owner) == [false])
        let next = Dispatch(job: 1, stage: f.second, priority: f.daily)
        #expect(
            try await f.queue.complete(zombies, next: next, owner: f.owner)
                == FinishOutcome(owned: false, dispatches: [.dispatched]))
        #expect(try await f.queue.retry(zombies, due: .after(.zero), owner: f.owner).owned == false)
        #expect(try await f.live(1)?.isInHand(of: other) == true)
        #expect(try await f.queue.renew([taken], owner: other) == [true])
        #expect(
            try await f.queue.complete(taken, next: next, owner: other)
                == FinishOutcome(owned: true, dispatches: [.alreadyLive]))
    }

    @Test func `belongs to an incarnation, not to a name`() async throws {
        let f = try await QueueFixture()
        try await f.dispatch(1)
        let delivery = try #require(try await f.fetch().first)
        let successor = try QueueFixture.owner("worker", incarnation: "2")
        #expect(try await f.queue.renew([delivery], owner: successor) == [false])
        #expect(try await f.queue.complete(delivery, next: nil, owner: successor).owned == false)
        #expect(try await f.queue.renew([delivery], owner: f.owner) == [true])
    }

    @Test func `that is to be retried waits until it is due`() async throws {
        let f = try await QueueFixture()
        try await f.dispatch(1, 2)
        let deliveries = try await f.fetch()
        _ = try await f.queue.retry(deliveries[0], due: .after(.seconds(3600)), owner: f.owner)
        _ = try await f.queue.retry(deliveries[1], due: .after(.seconds(-5)), owner: f.owner)
        #expect(try await f.fetch().map(\.job) == [2])
        let place = try #require(try await f.live(1)?.place)
        guard case .delayed(let due) = place else { throw QueueError(.unexpectedReply, "not delayed") }
        let now = try await f.queue.fetch(f.first, slots: 0, owner: f.owner).now
        #expect(due > now + 3_500_000 && due <= now + 3_600_000)
        #expect(try await f.length(f.first, f.daily) == 1)
    }

    @Test func `that is released is ready at once, as if never delivered`() async throws {
        let f = try await QueueFixture()
        try await f.dispatch(1)
        let delivery = try #require(try await f.fetch().first)
        #expect(try await f.queue.release(delivery, owner: f.owner).owned)
        let other = try QueueFixture.owner("other")
        let again = try #require(try await f.fetch(as: other).first)
        #expect(again.job == 1 && again.timesDelivered == 1 && again.priority == delivery.priority)
        #expect(try await f.length(f.first, f.daily) == 1)
    }

    @Test func `that is buried stands in the index, whoever owns it`() async throws {
        let f = try await QueueFixture()
        try await f.dispatch(1, 2)
        let deliveries = try await f.fetch()
        #expect(try await f.queue.bury(deliveries[0], owner: f.owner).owned)
        #expect(try await f.queue.bury(deliveries[1], owner: try QueueFixture.owner("zombie")).owned == false)
        let dead = try await f.queue.deadLetters(limit: 1)
        #expect(dead.total == 2 && dead.page.count == 1)
        #expect(try await f.queue.depth().dead == [f.first: 2, f.second: 0, f.third: 0])
        #expect(try await f.live(1) == nil)
        #expect(try await f.live(2)?.isInHand(of: f.owner) == true)
    }

    @Test func `that was a ghost makes way for what its job needs, also at the same stage`() async throws {
        let f = try await QueueFixture()
        try await f.dispatch(1)
        let delivery = try #require(try await f.fetch().first)
        let outcome = try await f.queue.discard(
            delivery,
            dispatching: [
                Dispatch(again: delivery, due: .after(.seconds(20))),
                Dispatch(job: 1, stage: f.third, priority: f.daily),
            ], owner: f.owner)
        #expect(outcome == FinishOutcome(owned: true, dispatches: [.dispatched, .dispatched]))
        #expect(try await f.queue.depth().delayed[f.first] == 1)
        #expect(try await f.fetch(at: f.third).map(\.job) == [1])
    }

    @Test func `is answered for in its place among others`() async throws {
        let f = try await QueueFixture()
        try await f.dispatch(1, 2, 3, 4)
        let deliveries = try await f.fetch()
        _ = try await f.queue.complete(deliveries[2], next: nil, owner: f.owner)
        let outcomes = try await f.queue.finish(
            [
                Ending(deliveries[0], .buried(reason: "bad")), Ending(deliveries[1], .released),
                Ending(deliveries[2], .completed(next: nil)), Ending(deliveries[3], .ghost(dispatching: [])),
            ], owner: f.owner)
        #expect(outcomes.map(\.owned) == [true, true, false, true])
        #expect(outcomes.map(\.dispatches.count) == [0, 1, 0, 0])
    }

    @Test func `is forwarded though Redis has forgotten it`() async throws {
        let f = try await QueueFixture(server: try await PrivateRedis.start())
        try await f.dispatch(1, 2)
        let deliveries = try await f.fetch()
        _ = try await f.client.send(RedisCommand("FLUSHALL"))
        #expect(try await f.queue.renew(deliveries, owner: f.owner) == [false, false])
        let next = Dispatch(job: 1, stage: f.second, priority: f.daily)
        #expect(
            try await f.queue.complete(deliveries[0], next: next, owner: f.owner)
                == FinishOutcome(owned: false, dispatches: [.dispatched]))
        #expect(
            try await f.queue.release(deliveries[1], owner: f.owner)
                == FinishOutcome(owned: false, dispatches: [.dispatched]))
        #expect(try await f.fetch().map(\.job) == [2])
    }

    @Test func `of a stage that this queue doesn't have is refused, and nothing happens`() async throws {
        let f = try await QueueFixture()
        try await f.dispatch(1)
        let delivery = try #require(try await f.fetch().first)
        let stranger = try QueueFixture.unwrap(Stage(name: "stranger", code: "x"))
        let error = await #expect(throws: QueueError.self) {
            try await f.queue.complete(
                delivery, next: Dispatch(job: 1, stage: stranger, priority: f.daily), owner: f.owner)
        }
        #expect(error?.code == .refused)
        #expect(try await f.queue.renew([delivery], owner: f.owner) == [true])
    }
}
