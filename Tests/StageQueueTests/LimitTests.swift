import Redis
import StageQueue
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A limit of a stage` {
    private func fetch(_ f: QueueFixture, as name: String, _ limits: StageLimits) async throws -> [Delivery] {
        try await f.queue.fetch(f.first, slots: 10, owner: try QueueFixture.owner(name), limits: limits).deliveries
    }

    @Test func `holds for the whole fleet, and what ends makes room`() async throws {
        let f = try await QueueFixture()
        try await f.dispatch(1, 2, 3, 4, 5)
        let limits = StageLimits(fleet: 3)
        let first = try await fetch(f, as: "a", StageLimits(fleet: 2))
        #expect(first.count == 2)
        #expect(try await fetch(f, as: "b", limits).count == 1)
        let answer = try await f.queue.fetch(f.first, slots: 10, owner: f.owner, limits: limits)
        #expect(answer.deliveries.isEmpty && answer.isLimited)
        _ = try await f.queue.complete(first[0], next: nil, owner: try QueueFixture.owner("a"))
        #expect(try await fetch(f, as: "b", limits).count == 1)
        // Another stage has its own.
        try await f.dispatch(1, at: f.second)
        #expect(try await f.queue.fetch(f.second, slots: 1, owner: f.owner, limits: limits).deliveries.count == 1)
    }

    @Test func `holds for a host, whichever of its workers asks`() async throws {
        let f = try await QueueFixture()
        _ = try await f.queue.dispatch((1...9).map { Dispatch(job: $0, stage: f.first, priority: f.daily) })
        let (here, there) = (StageLimits(host: ("here", 2)), StageLimits(host: ("there", 2)))
        #expect(try await fetch(f, as: "here-1", here).count == 2)
        #expect(try await fetch(f, as: "here-2", here).isEmpty)
        #expect(try await fetch(f, as: "there-1", there).count == 2)
        #expect(try await fetch(f, as: "there-2", there).isEmpty)
    }

    @Test func `doesn't count what is set aside for other versions`() async throws {
        let f = try await QueueFixture()
        for _ in 1...3 { _ = try await f.smuggle(["d", .init(bytes: [9, f.first.code])]) }
        try await f.dispatch(1)
        #expect(try await fetch(f, as: "a", StageLimits()).map(\.job) == [1])
        try await f.dispatch(2)
        #expect(try await fetch(f, as: "a", StageLimits(fleet: 2)).map(\.job) == [2])
    }

    @Test func `that is reached is looked at again`() async throws {
        let f = try await QueueFixture()
        let (drain, log) = (DrainSwitch(), EventLog())
        try await f.dispatch(1, 2)
        let held = try #require(try await f.fetch(1).first)
        var settings = StageWorkerSettings.hasty
        settings.limits = StageLimits(fleet: 1)
        let worker = f.worker(try QueueFixture.owner("other"), settings: settings, drain: drain, log: log) { _, _ in
            .completed(next: nil)
        }
        try await running(worker, until: drain) {
            try await log.waitForRounds(3)
            #expect(log.count(\.isStart) == 0)
            _ = try await f.queue.complete(held, next: nil, owner: f.owner)
            try await log.wait(\.isEnd)
        }
        #expect(log.ended.map(\.job) == [2])
    }
}
