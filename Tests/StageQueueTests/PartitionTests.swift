import Redis
import TestServers
import Testing

@testable import StageQueue

extension QueueFixture {
    func partitioned(_ count: Int) -> PartitionedQueue {
        PartitionedQueue(client: client, topology: topology, partitions: count)
    }

    func worker(
        of queue: PartitionedQueue, _ name: String = "worker", slots: Int = 4, sweep: Duration = .milliseconds(50),
        limits: StageLimits = StageLimits(), drain: DrainSwitch, log: EventLog,
        rings: @escaping @Sendable (Int) -> Bool = { _ in true },
        reconcile: @escaping @Sendable (Int) async -> Void = { _ in },
        handle: @escaping @Sendable (Delivery, DeliveryContext) async -> Disposition
    ) throws -> StageWorker {
        var settings = StageWorkerSettings.calm
        (settings.slots, settings.sweep, settings.limits) = (slots, sweep, limits)
        return StageWorker(
            queue: queue, stage: first, owner: try Self.owner(name), settings: settings, drain: drain,
            handler: Handler(body: handle), rings: rings, reconcile: reconcile, report: { log.report($0) })
    }
}

@Suite(.timeLimit(.minutes(1))) struct `A queue in partitions` {
    @Test func `keeps each job in its own, and shows them as one`() async throws {
        let f = try await QueueFixture()
        let queue = f.partitioned(3)
        let dispatches = (0..<30).map {
            Dispatch(partition: $0 % 3, job: Int64($0), stage: f.first, priority: f.daily)
        }
        #expect(try await queue.dispatch(dispatches) == Array(repeating: .dispatched, count: 30))
        #expect(try await queue.dispatch(dispatches) == Array(repeating: .alreadyLive, count: 30))
        _ = try await queue.dispatch(
            Dispatch(partition: 2, job: 99, stage: f.second, priority: f.urgent, due: .after(.seconds(600))))
        for partition in 0..<3 {
            let delivered = try await queue[partition].fetch(f.first, slots: 100, owner: f.owner).deliveries
            #expect(delivered.map { Int($0.job) % 3 } == Array(repeating: partition, count: 10))
            #expect(delivered.allSatisfy { $0.partition == partition })
        }
        let depth = try await queue.depth()
        #expect(depth.lines.reduce(0) { $0 + $1.inHand } == 30 && depth.delayed[f.second] == 1)
        #expect(try await queue.consumers().map(\.inHand) == [30])
        let places = try await queue.live([JobReference(job: 4, stage: f.first), JobReference(job: 5, stage: f.second)])
        #expect(places[0]?.isInHand(of: f.owner) == true && places[1] == nil)
        #expect(Set(try await queue.epochs().values).count == 3)
    }

    @Test func `is paused in all of them`() async throws {
        let f = try await QueueFixture()
        let queue = f.partitioned(3)
        _ = try await queue.dispatch(
            (0..<3).map { Dispatch(partition: $0, job: Int64($0), stage: f.first, priority: f.daily) })
        try await queue.setPaused(stages: [f.first], everything: false)
        for partition in 0..<3 {
            let answer = try await queue[partition].fetch(f.first, slots: 1, owner: f.owner)
            #expect(answer.isPaused && answer.deliveries.isEmpty)
        }
        #expect(try await queue.depth().paused == [f.first.name])
    }

    @Test func `is worked on whether a worker waits at a partition or sweeps it, and never beyond its slots`()
        async throws
    {
        let f = try await QueueFixture()
        let queue = f.partitioned(6)
        let (drain, log, seen) = (DrainSwitch(), EventLog(), Shared<[Int64]>([]))
        let now = Shared((running: 0, most: 0))
        let all = (0..<120).map { Dispatch(partition: $0 % 6, job: Int64($0), stage: f.first, priority: f.daily) }
        _ = try await queue.dispatch(Array(all[..<90]))
        let worker = try f.worker(
            of: queue, slots: 3, drain: drain, log: log, rings: { $0 < 2 },
            handle: { delivery, _ in
                now.change { $0 = ($0.running + 1, max($0.most, $0.running + 1)) }
                await Task.yield()
                seen.change { $0.append(delivery.job) }
                now.change { $0.running -= 1 }
                return .completed(
                    next: Dispatch(
                        partition: delivery.partition, job: delivery.job, stage: f.second,
                        priority: delivery.priority))
            })
        try await running(worker, until: drain) {
            try await log.wait(for: 90, \.isEnd)
            _ = try await queue.dispatch(Array(all[90...]))
            try await log.wait(for: 120, \.isEnd)
        }
        #expect(seen.now.sorted() == Array(0..<120))
        #expect((1...3).contains(now.now.most))
        // What follows went where the job belongs.
        for partition in 0..<6 {
            let next = try await queue[partition].fetch(f.second, slots: 100, owner: f.owner).deliveries
            #expect(next.count == 20 && next.allSatisfy { Int($0.job) % 6 == partition })
        }
    }

    @Test func `grows and shrinks while it is worked on`() async throws {
        let f = try await QueueFixture()
        let queue = f.partitioned(1)
        let (drain, log, gate) = (DrainSwitch(), EventLog(), Gate())
        func dispatch(_ job: Int64, in partition: Int) async throws {
            _ = try await queue.dispatch(
                Dispatch(partition: partition, job: job, stage: f.first, priority: f.daily))
        }
        let worker = try f.worker(of: queue, drain: drain, log: log) { delivery, _ in
            if delivery.job == 2 { await gate.pass() }
            return .completed(next: nil)
        }
        try await dispatch(1, in: 0)
        try await dispatch(2, in: 5)
        try await running(worker, until: drain) {
            try await log.wait(for: 1, \.isEnd)
            queue.know([0, 5])
            try await log.wait(for: 2, \.isStart)
            // What is in hand of a partition that is left is finished and told.
            queue.know([0])
            gate.open()
            try await log.wait(for: 2, \.isEnd)
            try await dispatch(3, in: 5)
            try await dispatch(4, in: 0)
            try await log.wait(for: 3, \.isEnd)
            #expect(log.ended.map(\.job) == [1, 2, 4])
            queue.know([0, 5])
            try await log.wait(for: 4, \.isEnd)
        }
        #expect(log.ended.map(\.job) == [1, 2, 4, 3] && log.ended.allSatisfy(\.owned))
    }

    @Test func `reconciles only the partition whose Redis is another`() async throws {
        let f = try await QueueFixture()
        let queue = f.partitioned(3)
        _ = try await queue.epochs()
        let (drain, log, reconciled) = (DrainSwitch(), EventLog(), Shared<[Int]>([]))
        let (calls, called) = AsyncStream.makeStream(of: Int.self)
        // Its streams and groups are there: a worker that finds none reconciles as well.
        for partition in 0..<3 { _ = try await queue[partition].fetch(f.first, slots: 1, owner: f.owner) }
        let worker = try f.worker(
            of: queue, drain: drain, log: log,
            reconcile: { partition in
                reconciled.change { $0.append(partition) }
                called.yield(partition)
            },
            handle: { _, _ in .completed(next: nil) })
        try await running(worker, until: drain) {
            try await log.wait(for: 3) { if case .metEpoch = $0 { true } else { false } }
            _ = try await f.client.send(RedisCommand("DEL", RedisArgument(queue[1].topology.epochKey)))
            for await partition in calls {
                #expect(partition == 1)
                break
            }
        }
        #expect(Set(reconciled.now) == [1])
    }

    @Test func `has a stage's limit divided among its partitions, in all never more than it`() async throws {
        let limits = StageLimits(fleet: 5, host: ("here", 4))
        let parts = (0..<3).map { limits.share(of: $0, among: [0, 1, 2]) }
        #expect(parts.map(\.fleet) == [2, 2, 1] && parts.map { $0.host?.most } == [2, 1, 1])
        #expect(limits.share(of: 7, among: [7]) == limits)
        #expect(StageLimits(fleet: 2).share(of: 4, among: [0, 1, 4]).fleet == 1, "none may stand still")

        let f = try await QueueFixture()
        let queue = f.partitioned(2)
        let (drain, log, gate) = (DrainSwitch(), EventLog(), Gate())
        let now = Shared((running: 0, most: 0))
        _ = try await queue.dispatch(
            (0..<40).map { Dispatch(partition: $0 % 2, job: Int64($0), stage: f.first, priority: f.daily) })
        let worker = try f.worker(of: queue, slots: 10, limits: StageLimits(fleet: 3), drain: drain, log: log) { _, _ in
            now.change { $0 = ($0.running + 1, max($0.most, $0.running + 1)) }
            await gate.pass()
            now.change { $0.running -= 1 }
            return .completed(next: nil)
        }
        try await running(worker, until: drain) {
            try await log.wait(for: 3, \.isStart)
            gate.open()
            try await log.wait(for: 40, \.isEnd)
        }
        #expect(now.now.most == 3)
    }

    @Test func `gives up what a predecessor left in any of them before anything else is taken`() async throws {
        let wakes = Shared(0)
        let hand = Hand(slots: 4, timeLimit: .seconds(60), wake: { _ = wakes.next() })
        func free(_ partition: Int) -> Int {
            let free = hand.beginFetch(for: partition)
            hand.endFetch(free)
            return free
        }
        hand.inherits(from: [0, 1])
        #expect([free(0), free(1), free(2)] == [4, 4, 0])
        hand.inherited(0)
        #expect([free(0), free(1)] == [0, 4] && wakes.now == 0)
        hand.inherited(1)
        #expect([free(0), free(1), free(2)] == [4, 4, 4] && wakes.now == 1)
    }

    @Test func `calls them in turn when a slot is free again`() async throws {
        let f = try await QueueFixture()
        let queue = f.partitioned(2)
        _ = try await queue.dispatch(Dispatch(partition: 0, job: 1, stage: f.first, priority: f.daily))
        let deliveries = try await queue[0].fetch(f.first, slots: 1, owner: f.owner).deliveries
        let (hand, calls) = (Hand(slots: 1, timeLimit: .seconds(60)), Shared<[Int]>([]))
        func begin(_ partition: Int) -> Int {
            hand.beginFetch(for: partition) { calls.change { $0.append(partition) } }
        }
        _ = hand.take([deliveries[0]])
        #expect(begin(1) == 0 && begin(0) == 0)
        hand.endFetch(0)
        hand.endFetch(0)
        #expect(calls.now.isEmpty)
        hand.endHandling(deliveries[0])
        #expect(calls.now == [1])
        #expect(begin(1) == 1, "and it has what it was called for")
        hand.endFetch(1)
        #expect(calls.now == [1, 0])
    }
}
