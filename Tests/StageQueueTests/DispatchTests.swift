import Redis
import StageQueue
import TestServers
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A dispatch` {
    @Test func `is made once per job and stage`() async throws {
        let f = try await QueueFixture()
        let once = Dispatch(job: 7, stage: f.first, priority: f.daily)
        #expect(try await f.queue.dispatch(once) == .dispatched)
        #expect(try await f.queue.dispatch(once) == .alreadyLive)
        #expect(try await f.queue.dispatch(Dispatch(job: 7, stage: f.first, priority: f.urgent)) == .alreadyLive)
        #expect(try await f.queue.dispatch(Dispatch(job: 7, stage: f.second, priority: f.daily)) == .dispatched)
        #expect(try await f.fetch().map(\.job) == [7])
    }

    @Test func `answers for each of a batch, also when the batch repeats itself`() async throws {
        let f = try await QueueFixture()
        try await f.dispatch(2)
        let outcomes = try await f.queue.dispatch(
            [1, 2, 3, 1].map { Dispatch(job: $0, stage: f.first, priority: f.daily) })
        #expect(outcomes == [.dispatched, .alreadyLive, .dispatched, .alreadyLive])
    }

    @Test func `carries any job number and its trace`() async throws {
        let f = try await QueueFixture()
        let trace = TraceContext(traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        #expect(trace != nil)
        for job in [Int64.min, -1, 0, 10, 13, Int64.max] {
            _ = try await f.queue.dispatch(Dispatch(job: job, stage: f.first, priority: f.daily, trace: trace))
        }
        let deliveries = try await f.fetch()
        #expect(deliveries.map(\.job) == [Int64.min, -1, 0, 10, 13, Int64.max])
        #expect(deliveries.allSatisfy { $0.trace == trace })
    }

    @Test func `of ten thousand takes at most 200 bytes of Redis each`() async throws {
        let f = try await QueueFixture()
        let count = 10_000
        let trace = TraceContext(traceHigh: 1, traceLow: 2, span: 3)
        let outcomes = try await f.queue.dispatch(
            (0..<count).map { Dispatch(job: Int64($0), stage: f.first, priority: f.daily, trace: trace) })
        #expect(outcomes.count == count)
        #expect(outcomes.allSatisfy { $0 == .dispatched })
        var bytes: Int64 = 0
        for key in [f.topology.liveKey, f.topology.readyKey(f.first, f.daily)] {
            bytes += try await f.client.send(RedisCommand("MEMORY", "USAGE", RedisArgument(key), "SAMPLES", 0))
                .integer()
        }
        #expect(bytes <= 200 * Int64(count), "\(bytes / Int64(count)) bytes a job")
        #expect(Set(try await f.fetch(count).map(\.job)).count == count)
    }

    @Test func `is made anew when the live one points at an entry that no longer exists`() async throws {
        let f = try await QueueFixture()
        try await f.dispatch(1)
        let place = try #require(try await f.live(1)?.place)
        guard case .ready(let entryID) = place else { throw QueueError(.unexpectedReply, "not ready") }
        _ = try await f.client.send(
            RedisCommand("XDEL", RedisArgument(f.topology.readyKey(f.first, f.daily)), RedisArgument(entryID)))
        #expect(try await f.live(1)?.place == .nowhere)
        #expect(try await f.queue.dispatch(Dispatch(job: 1, stage: f.first, priority: f.daily)) == .repaired)
        #expect(try await f.fetch().map(\.job) == [1])
    }

    @Test func `is made anew when the delayed one has vanished`() async throws {
        let f = try await QueueFixture()
        let later = Dispatch(job: 1, stage: f.first, priority: f.daily, due: .after(.seconds(3600)))
        _ = try await f.queue.dispatch(later)
        _ = try await f.client.send(RedisCommand("DEL", RedisArgument(f.topology.delayedKey)))
        #expect(try await f.queue.dispatch(later) == .repaired)
        #expect(try await f.queue.depth().delayed[f.first] == 1)
    }

    @Test func `is not handed out before it is due, and then the longest due first`() async throws {
        let f = try await QueueFixture()
        let now = try await f.queue.fetch(f.first, slots: 0, owner: f.owner).now
        _ = try await f.queue.dispatch([
            Dispatch(job: 1, stage: f.first, priority: f.daily, due: .at(milliseconds: now + 3_600_000)),
            Dispatch(job: 2, stage: f.first, priority: f.daily, due: .after(.seconds(1800))),
        ])
        let answer = try await f.queue.fetch(f.first, slots: 5, owner: f.owner)
        #expect(answer.deliveries.isEmpty)
        let nextDue = try #require(answer.nextDue)
        #expect(nextDue > .seconds(1700) && nextDue <= .seconds(1800))
        // Both come due: job 1 longer ago than job 2.
        for (job, due) in [(1, now - 2000), (2, now - 1000)] {
            #expect(
                try await f.queue.dispatch(
                    Dispatch(
                        job: Int64(job), stage: f.second, priority: f.daily, due: .at(milliseconds: now + 9_000_000)))
                    == .dispatched)
            try await f.makeDue(job: Int64(job), at: f.second, milliseconds: due)
        }
        #expect(try await f.fetch(at: f.second).map(\.job) == [1, 2])
    }

    @Test func `hastens a delayed one that is due later`() async throws {
        let f = try await QueueFixture()
        func dispatch(_ due: Due?) async throws -> DispatchOutcome {
            try await f.queue.dispatch(Dispatch(job: 1, stage: f.first, priority: f.daily, due: due))
        }
        #expect(try await dispatch(.after(.seconds(3600))) == .dispatched)
        #expect(try await dispatch(.after(.seconds(7200))) == .alreadyLive)
        #expect(try await dispatch(.after(.seconds(60))) == .hastened)
        #expect(try await dispatch(nil) == .hastened)
        #expect(try await f.fetch().map(\.job) == [1])
        #expect(try await f.queue.depth().delayed[f.first] == 0)
    }

    @Test func `takes its job out of the index of dead letters`() async throws {
        let f = try await QueueFixture()
        try await f.dispatch(1, 2)
        for delivery in try await f.fetch() { _ = try await f.queue.bury(delivery, owner: f.owner) }
        try await f.dispatch(1)
        let dead = try await f.queue.deadLetters()
        #expect(dead.page.map(\.reference.job) == [2])
        #expect(try await f.queue.forget([JobReference(job: 2, stage: f.first)]) == [true])
        #expect(try await f.queue.deadLetters().total == 0)
    }

    @Test func `is refused while Redis is full, but what is in hand can be finished`() async throws {
        let f = try await QueueFixture(server: try await PrivateRedis.start())
        try await f.dispatch(1, 2, 3, 4)
        let deliveries = try await f.fetch(3)
        for (name, value) in [("maxmemory-policy", "noeviction"), ("maxmemory", "1")] {
            _ = try await f.client.send(RedisCommand("CONFIG", "SET", RedisArgument(name), RedisArgument(value)))
        }
        let error = await #expect(throws: QueueError.self) { try await f.dispatch(9) }
        #expect(error?.code == .full)
        #expect(try await f.live(9) == nil)

        let next = Dispatch(job: deliveries[0].job, stage: f.second, priority: f.daily)
        #expect(
            try await f.queue.finish(
                [
                    Ending(deliveries[0], .completed(next: next)),
                    Ending(deliveries[1], .retry(due: .after(.seconds(60)))),
                    Ending(deliveries[2], .buried(reason: "bad")),
                ], owner: f.owner)
                == [
                    FinishOutcome(owned: true, dispatches: [.dispatched]),
                    FinishOutcome(owned: true, dispatches: [.dispatched]), FinishOutcome(owned: true, dispatches: []),
                ])
        #expect(try await f.fetch().map(\.job) == [4])
        #expect(try await f.fetch(at: f.second).map(\.job) == [1])
        try await f.queue.pauseEverything()
        #expect(try await f.queue.depth().paused == [QueueTopology.everythingPaused])
        #expect(try await f.queue.epoch().isNew == false)
    }
}

extension QueueFixture {
    /// Moves a delayed delivery's due time, as if so much time had passed.
    func makeDue(job: Int64, at stage: Stage, milliseconds: Int64) async throws {
        var member: [UInt8] = [stage.code]
        for shift in stride(from: 56, through: 0, by: -8) { member.append(UInt8(truncatingIfNeeded: job >> shift)) }
        let changed = try await client.send(
            RedisCommand(
                "ZADD", RedisArgument(topology.delayedKey), "XX", "CH", RedisArgument(milliseconds),
                RedisArgument(bytes: member))
        ).integer()
        guard changed == 1 else { throw QueueError(.unexpectedReply, "job \(job) was not delayed") }
    }
}
