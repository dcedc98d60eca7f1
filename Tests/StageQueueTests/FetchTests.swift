import Redis
import TestServers
import Testing

@testable import StageQueue

@Suite(.timeLimit(.minutes(1))) struct `A fetch` {
    @Test func `takes exactly the free slots over all streams, the most urgent first`() async throws {
        let f = try await QueueFixture()
        try await f.dispatch(1, 2, 3)
        try await f.dispatch(11, 12, urgently: true)
        let answer = try await f.queue.fetch(f.first, slots: 3, owner: f.owner)
        #expect(answer.deliveries.map(\.job) == [11, 12, 1])
        #expect(answer.deliveries.map(\.priority) == [f.urgent, f.urgent, f.daily])
        #expect(!answer.isDrained)
        #expect(try await f.fetch(0).isEmpty)
        #expect(try await f.queue.fetch(f.first, slots: 3, owner: f.owner).isDrained)
    }

    @Test func `reads the least urgent first when asked`() async throws {
        let f = try await QueueFixture()
        try await f.dispatch(1, 2)
        try await f.dispatch(11, urgently: true)
        let answer = try await f.queue.fetch(f.first, slots: 1, owner: f.owner, leastUrgentFirst: true)
        #expect(answer.deliveries.map(\.job) == [1])
    }

    @Test func `every fourth time that it brings something, is asked to`() {
        var rotation = FetchRotation()
        var turns: [Bool] = []
        for count in [1, 0, 2, 1, 0, 0, 5, 1, 1, 1, 1] {
            turns.append(rotation.leastUrgentFirst)
            rotation.fetched(count)
        }
        #expect(
            turns == [false, false, false, false, true, true, true, false, false, false, true])
    }

    @Test func `writes the owner into live`() async throws {
        let f = try await QueueFixture()
        try await f.dispatch(1)
        #expect(try await f.live(1)?.isInHand != true)
        let delivery = try #require(try await f.fetch().first)
        let live = try #require(try await f.live(1))
        #expect(live.place == .ready(delivery.entryID))
        #expect(live.priority == f.daily && live.isInHand(of: f.owner))
    }

    @Test func `takes nothing from a paused stage, nor when everything is paused`() async throws {
        let f = try await QueueFixture()
        try await f.dispatch(1)
        try await f.dispatch(2, at: f.second)
        try await f.queue.pause(f.first)
        let answer = try await f.queue.fetch(f.first, slots: 5, owner: f.owner)
        #expect(answer.isPaused && answer.deliveries.isEmpty)
        #expect(try await f.fetch(at: f.second).map(\.job) == [2])
        try await f.queue.pauseEverything()
        try await f.queue.resume(f.first)
        #expect(try await f.fetch().isEmpty)
        try await f.queue.setPaused(stages: [f.third], everything: false)
        #expect(try await f.queue.depth().paused == [f.third.name])
        #expect(try await f.fetch().map(\.job) == [1])
    }

    @Test func `that leaves nothing behind tells where to wait, however much was taken and deleted before`()
        async throws
    {
        let f = try await QueueFixture()
        let other = try QueueFixture.owner("other")
        try await f.dispatch(1, 2, 3)
        // One is another's and finished, one another's and in hand; this one finds streams that look empty to it.
        let others = try await f.queue.fetch(f.first, slots: 3, owner: other).deliveries
        _ = try await f.queue.complete(try #require(others.last), next: nil, owner: other)
        let answer = try await f.queue.fetch(f.first, slots: 3, owner: f.owner)
        #expect(answer.isDrained && answer.deliveries.isEmpty)
        #expect(try await !ring(f, answer, within: 50))
        try await f.dispatch(4)
        #expect(try await ring(f, answer, within: 10_000))
        // What it then takes is the end of its stream.
        let next = try await f.queue.fetch(f.first, slots: 3, owner: f.owner)
        #expect(next.deliveries.map(\.job) == [4])
        #expect(try await !ring(f, next, within: 50))
    }

    /// Waits for the bell of a fetch, as a worker does. Answers whether it rang.
    private func ring(_ f: QueueFixture, _ answer: FetchAnswer, within milliseconds: Int) async throws -> Bool {
        let connection = try await f.client.makeBlockingConnection()
        let positions = answer.bell.positions
        let reply = try await connection.send(
            RedisCommand(
                "XREAD",
                arguments: ["BLOCK", RedisArgument(milliseconds), "STREAMS"]
                    + positions.map { RedisArgument($0.stream) } + positions.map { RedisArgument($0.last) }))
        await connection.close()
        return reply != .null
    }

    @Test func `promotes what is due in every stage`() async throws {
        let f = try await QueueFixture()
        for stage in [f.second, f.third] {
            _ = try await f.queue.dispatch(
                Dispatch(job: 1, stage: stage, priority: f.urgent, due: .after(.seconds(3600))))
            try await f.makeDue(job: 1, at: stage, milliseconds: 1)
        }
        _ = try await f.fetch()
        #expect(try await f.length(f.second, f.urgent) == 1)
        #expect(try await f.length(f.third, f.urgent) == 1)
        #expect(try await f.queue.promote() == (0, nil))
        #expect(try await f.fetch(at: f.second).map(\.priority) == [f.urgent])
    }

    @Test func `removes and reports what is no delivery, without being held up by it`() async throws {
        let f = try await QueueFixture()
        let withoutField = try await f.smuggle(["job", "1"])
        let twoFields = try await f.smuggle(["d", "x", "e", "y"])
        let empty = try await f.smuggle(["d", ""])
        let short = try await f.smuggle(["d", RedisArgument(bytes: [1, f.first.code, 0, 0])])
        let foreign = try await f.smuggle(["d", RedisArgument(bytes: [1, f.second.code, 0, 0, 0, 0, 0, 0, 0, 9])])
        try await f.dispatch(1)
        let twin = try await f.smuggle(["d", RedisArgument(bytes: [1, f.first.code, 0, 0, 0, 0, 0, 0, 0, 1])])
        try await f.dispatch(2)

        let answer = try await f.queue.fetch(f.first, slots: 2, owner: f.owner)
        #expect(answer.deliveries.map(\.job) == [1, 2])
        #expect(
            answer.anomalies.map(\.entry) == [withoutField, twoFields, empty, short, foreign, twin])
        #expect(answer.anomalies.map(\.reason) == [.fields, .fields, .length, .length, .stage, .duplicate])
        #expect(answer.anomalies[0].content == Array("job 1".utf8))
        #expect(answer.anomalies[0].stream == f.topology.readyKey(f.first, f.daily))
        #expect(try await f.length(f.first, f.daily) == 2)
    }

    @Test func `leaves an unknown version for a worker that knows it`() async throws {
        let f = try await QueueFixture()
        _ = try await f.smuggle(["d", RedisArgument(bytes: [9, f.first.code, 0, 0, 9])])
        let answer = try await f.queue.fetch(f.first, slots: 2, owner: f.owner)
        #expect(answer.unknown == 1)
        #expect(answer.deliveries.isEmpty && answer.anomalies.isEmpty)
        // However often it is looked at, it stays, and in nobody's hand.
        let scan = try await f.queue.reclaim(f.first, slots: 2, owner: f.owner, lease: .seconds(20))
        #expect(scan.unknown == 1 && scan.deliveries.isEmpty && scan.anomalies.isEmpty)
        #expect(try await f.length(f.first, f.daily) == 1)
        #expect(try await f.queue.consumers().first { $0.name == "worker" }?.inHand == 0)
    }

    @Test func `leaves an unknown stage for a worker that knows it, who takes it at its next scan`() async throws {
        let old = try await QueueFixture()
        let stream = old.topology.readyKey(old.first, old.daily)
        // A newer worker has renamed nothing but the letter: its stage shares the stream.
        let new = try QueueTopology(
            namespace: old.topology.namespace,
            stages: [try QueueFixture.unwrap(Stage(name: old.first.name, code: "z"))],
            priorities: old.topology.priorities)
        #expect(new.readyKey(new.stages[0], old.daily) == stream)
        let newer = StageQueue(client: old.client, topology: new)
        _ = try await newer.dispatch(Dispatch(job: 5, stage: new.stages[0], priority: old.daily))

        #expect(try await old.queue.fetch(old.first, slots: 1, owner: old.owner).unknown == 1)
        let other = try QueueFixture.owner("newer")
        let answer = try await newer.reclaim(new.stages[0], slots: 1, owner: other, lease: .seconds(20))
        #expect(answer.deliveries.map(\.job) == [5])
    }

    @Test func `leaves what is due at an unknown stage, and promotes the rest`() async throws {
        let old = try await QueueFixture()
        let late = try QueueFixture.unwrap(Stage(name: "late", code: "z"))
        let newer = StageQueue(
            client: old.client,
            topology: try QueueTopology(
                namespace: old.topology.namespace, stages: old.topology.stages + [late],
                priorities: old.topology.priorities))
        for (stage, due) in [(late, Int64(1)), (old.first, 2)] {
            _ = try await newer.dispatch(
                Dispatch(job: 1, stage: stage, priority: old.daily, due: .after(.seconds(3600))))
            try await old.makeDue(job: 1, at: stage, milliseconds: due)
        }
        #expect(try await old.queue.promote() == (1, nil))
        #expect(try await old.fetch().map(\.job) == [1])
        #expect(try await newer.promote() == (1, nil))
        #expect(try await newer.fetch(late, slots: 1, owner: old.owner).deliveries.map(\.stage) == [late])
    }

    @Test func `makes groups and epoch anew on an empty Redis, and says so`() async throws {
        let f = try await QueueFixture(server: try await PrivateRedis.start())
        let before = try await f.queue.fetch(f.first, slots: 1, owner: f.owner)
        #expect(before.foundNothing)
        #expect(try await f.queue.fetch(f.first, slots: 1, owner: f.owner).foundNothing == false)
        #expect(try await f.queue.epoch() == (before.epoch, false))

        _ = try await f.client.send(RedisCommand("FLUSHALL"))
        // Dispatched between the flush and the first look: a group that began at the end would never see it.
        try await f.dispatch(1)
        let after = try await f.queue.fetch(f.first, slots: 1, owner: f.owner)
        #expect(after.foundNothing)
        #expect(after.epoch != before.epoch)
        #expect(after.deliveries.map(\.job) == [1])
    }
}
