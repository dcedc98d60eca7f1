import Redis
import TestServers
import Testing

@testable import StageQueue

@Suite(.timeLimit(.minutes(1))) struct `A stage worker` {
    @Test func `handles each delivery exactly once, beside others, through all stages`() async throws {
        let f = try await QueueFixture()
        let (drain, log, seen) = (DrainSwitch(), EventLog(), Shared<[JobReference]>([]))
        let jobs = 100
        _ = try await f.queue.dispatch(
            (1...Int64(jobs)).map { Dispatch(job: $0, stage: f.first, priority: $0 % 3 == 0 ? f.urgent : f.daily) })
        func worker(_ name: String, _ stage: Stage) throws -> StageWorker {
            f.worker(try QueueFixture.owner(name), stage: stage, drain: drain, log: log) { delivery, _ in
                seen.change { $0.append(delivery.reference) }
                return .completed(
                    next: f.topology.stage(after: stage).map {
                        Dispatch(job: delivery.job, stage: $0, priority: delivery.priority)
                    })
            }
        }
        try await running(
            worker("a", f.first), worker("b", f.first), worker("c", f.second), worker("d", f.second),
            worker("e", f.third), worker("f", f.third), until: drain
        ) {
            try await log.wait(for: jobs * 3, \.isEnd)
        }
        #expect(seen.now.count == jobs * 3)
        #expect(Set(seen.now).count == jobs * 3)
        let depth = try await f.queue.depth()
        #expect(depth.lines.allSatisfy { $0.ready == 0 && $0.inHand == 0 })
    }

    @Test func `never has more in hand than it has slots`() async throws {
        let f = try await QueueFixture()
        let (drain, log, now) = (DrainSwitch(), EventLog(), Shared((running: 0, most: 0)))
        var settings = StageWorkerSettings.calm
        settings.slots = 3
        _ = try await f.queue.dispatch((1...20).map { Dispatch(job: $0, stage: f.first, priority: f.daily) })
        let worker = f.worker(settings: settings, drain: drain, log: log) { _, _ in
            now.change { $0 = ($0.running + 1, max($0.most, $0.running + 1)) }
            await Task.yield()
            now.change { $0.running -= 1 }
            return .completed(next: nil)
        }
        try await running(worker, until: drain) { try await log.wait(for: 20, \.isEnd) }
        #expect((1...3).contains(now.now.most))
    }

    @Test func `is woken by the doorbell, and for what is due`() async throws {
        let f = try await QueueFixture()
        let (drain, log) = (DrainSwitch(), EventLog())
        var settings = StageWorkerSettings.calm
        // Nothing but the bell and the due time can wake it within the test's limit.
        (settings.bell, settings.scan) = (.seconds(600), .seconds(600))
        _ = try await f.queue.dispatch(
            Dispatch(job: 1, stage: f.first, priority: f.daily, due: .after(.milliseconds(300))))
        let worker = f.worker(settings: settings, drain: drain, log: log) { _, _ in .completed(next: nil) }
        try await running(worker, until: drain) {
            try await log.wait(for: 1, \.isEnd)
            try await f.dispatch(2)
            try await log.wait(for: 2, \.isEnd)
            try await f.dispatch(3, urgently: true)
            try await log.wait(for: 3, \.isEnd)
        }
        #expect(log.ended.map(\.job) == [1, 2, 3])
    }

    @Test func `that is killed loses its work to another after a lease`() async throws {
        let f = try await QueueFixture()
        let (drain, victims, others) = (DrainSwitch(), EventLog(), EventLog())
        try await f.dispatch(1)
        let victim = f.worker(settings: .hasty, drain: drain, log: victims) { _, _ in
            await Gate().pass()
            return .completed(next: nil)
        }
        let life = Task { await victim.run() }
        try await victims.wait(\.isStart)
        life.cancel()
        await life.value
        #expect(victims.ended.isEmpty)
        #expect(try await f.live(1)?.isInHand(of: f.owner) == true)

        let other = f.worker(try QueueFixture.owner("other"), settings: .hasty, drain: drain, log: others) { _, _ in
            .completed(next: nil)
        }
        try await running(other, until: drain) { try await others.wait(\.isEnd) }
        #expect(others.count(\.isReclaim) == 1)
        #expect(others.ended.map(\.owned) == [true])
    }

    @Test func `takes up its predecessor's work at once`() async throws {
        let f = try await QueueFixture()
        let (drain, log) = (DrainSwitch(), EventLog())
        try await f.dispatch(1, 2, 3)
        #expect(try await f.fetch().count == 3)
        var settings = StageWorkerSettings.calm
        settings.slots = 1
        // With a lease of ten minutes, only the take-over can bring these within the test's limit.
        settings.lease = .seconds(600)
        let worker = f.worker(
            try QueueFixture.owner("worker", incarnation: "2"), predecessor: "worker", settings: settings,
            drain: drain, log: log
        ) { _, _ in .completed(next: nil) }
        try await running(worker, until: drain) { try await log.wait(for: 3, \.isEnd) }
        #expect(log.ended.map(\.job) == [1, 2, 3])
        #expect(log.count(\.isReclaim) == 3)
    }

    @Test func `doesn't reclaim before it has known Redis for a lease, however old a delivery looks`() async throws {
        let f = try await QueueFixture()
        let (drain, log) = (DrainSwitch(), EventLog())
        try await f.dispatch(1)
        for delivery in try await f.fetch() { try await f.age(delivery, by: .seconds(3600)) }
        var settings = StageWorkerSettings.hasty
        settings.lease = .seconds(600)
        let worker = f.worker(try QueueFixture.owner("other"), settings: settings, drain: drain, log: log) { _, _ in
            .completed(next: nil)
        }
        try await running(worker, until: drain) {
            // Ten rounds are at least as many scans as one would take.
            try await log.waitForRounds(10)
            try await f.dispatch(2)
            try await log.wait(\.isEnd)
        }
        #expect(log.ended.map(\.job) == [2])
        #expect(try await f.live(1)?.isInHand(of: f.owner) == true)
    }

    @Test func `goes on with what Redis gave to another, and forwards it`() async throws {
        let f = try await QueueFixture()
        let (drain, log, gate) = (DrainSwitch(), EventLog(), Gate())
        let other = try QueueFixture.owner("other")
        try await f.dispatch(1)
        let worker = f.worker(settings: .hasty, drain: drain, log: log) { _, context in
            await gate.pass()
            return .completed(
                next: Dispatch(job: context.isLost ? 1 : 0, stage: f.second, priority: f.daily))
        }
        try await running(worker, until: drain) {
            try await log.wait(\.isStart)
            let taken = try await f.queue.takeOver(f.first, from: "worker", slots: 1, owner: other)
            #expect(taken.deliveries.map(\.job) == [1])
            try await log.wait(\.isLost)
            gate.open()
            try await log.wait(\.isEnd)
        }
        #expect(log.ended.map(\.owned) == [false])
        #expect(log.count(\.isLost) == 1)
        #expect(try await f.live(1)?.isInHand(of: other) == true)
        #expect(try await f.fetch(at: f.second).map(\.job) == [1])
    }

    @Test func `cancels a handler at the time limit`() async throws {
        let f = try await QueueFixture()
        let (drain, log) = (DrainSwitch(), EventLog())
        try await f.dispatch(1)
        var settings = StageWorkerSettings.calm
        settings.timeLimit = .milliseconds(50)
        let worker = f.worker(settings: settings, drain: drain, log: log) { _, context in
            await Gate().pass()
            return context.interruption == .timeLimit ? .retry(due: .after(.seconds(3600))) : .released
        }
        try await running(worker, until: drain) { try await log.wait(\.isEnd) }
        #expect(log.ended.map(\.disposition) == [.retry(due: .after(.seconds(3600)))])
        #expect(try await f.queue.depth().delayed[f.first] == 1)
    }

    @Test func `that hangs past its limit doesn't feed the watchdog`() async throws {
        let f = try await QueueFixture()
        try await f.dispatch(1)
        let hand = Hand(slots: 1, timeLimit: .zero)
        #expect(!hand.isStuck(patience: .zero))
        let delivery = try #require(try await f.fetch().first)
        let context = try #require(hand.take([delivery])[0])
        #expect(hand.take([delivery])[0] == nil)
        #expect(hand.isStuck(patience: .zero))
        #expect(!hand.isStuck(patience: .seconds(3600)))
        hand.interruptOverdue()
        #expect(context.interruption == .timeLimit)
        #expect(hand.beginFetch() == 0)
        hand.endHandling(delivery)
        #expect(!hand.isStuck(patience: .zero))
        // Its slot is free while Redis still has to hear of its end; until then it is renewed.
        #expect(hand.beginFetch() == 1)
        #expect(hand.deliveries == [delivery])
        hand.letGo([delivery])
        #expect(hand.isEmpty)
    }

    @Test func `lets nothing be fetched while it may have to be alone, having been a dead worker's`() async throws {
        let f = try await QueueFixture()
        try await f.dispatch(1, 2)
        let hand = Hand(slots: 4, timeLimit: .seconds(60))
        let deliveries = try await f.fetch() + f.fetch()
        let contexts = hand.take(deliveries, reclaimed: true).compactMap(\.self)
        #expect(hand.beginFetch() == 0)
        await contexts[0].begun()
        #expect(hand.beginFetch() == 0)
        hand.endHandling(deliveries[1])
        #expect(hand.beginFetch() == 3)
    }

    @Test func `reports entries that are no deliveries, and goes on`() async throws {
        let f = try await QueueFixture()
        let (drain, log) = (DrainSwitch(), EventLog())
        _ = try await f.smuggle(["what", "ever"])
        try await f.dispatch(1)
        let worker = f.worker(drain: drain, log: log) { _, _ in .buried(reason: "no use") }
        try await running(worker, until: drain) { try await log.wait(\.isEnd) }
        #expect(log.count(\.isAnomaly) == 1)
        #expect(try await f.queue.deadLetters().page.map(\.reference.job) == [1])
    }
}
