import StageQueue
import TestServers
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A draining worker` {
    @Test func `finishes what is in hand and fetches nothing more`() async throws {
        let f = try await QueueFixture()
        let (drain, log, gate) = (DrainSwitch(), EventLog(), Gate())
        try await f.dispatch(1)
        let worker = f.worker(drain: drain, log: log) { _, _ in
            await gate.pass()
            return .completed(next: nil)
        }
        let life = Task { await worker.run() }
        try await log.wait(\.isStart)
        drain.drain()
        try await f.dispatch(2)
        gate.open()
        await life.value
        // A fetch that was under way may have brought the second: then it was given back, unhandled.
        #expect(log.ended.filter { $0.job == 1 }.map(\.disposition) == [.completed(next: nil)])
        #expect(log.count(\.isStart) == 1)
        #expect(try await f.fetch(as: try QueueFixture.owner("other")).map(\.job) == [2])
    }

    @Test(arguments: [true, false])
    func `gives back the rest after the drain time, or at once when told again`(toldAgain: Bool) async throws {
        let f = try await QueueFixture()
        let (drain, log) = (DrainSwitch(), EventLog())
        try await f.dispatch(1, 2)
        var settings = StageWorkerSettings.calm
        settings.drainTime = toldAgain ? .seconds(600) : .zero
        let worker = f.worker(settings: settings, drain: drain, log: log) { _, context in
            await Gate().pass()
            return context.interruption == .release ? .released : .buried(reason: "not told why")
        }
        let life = Task { await worker.run() }
        try await log.wait(for: 2, \.isStart)
        drain.drain()
        if toldAgain { drain.releaseNow() }
        await life.value
        #expect(log.ended.map(\.disposition) == [.released, .released])
        let again = try await f.fetch(as: try QueueFixture.owner("other"))
        #expect(Set(again.map(\.job)) == [1, 2])
        #expect(again.allSatisfy { $0.timesDelivered == 1 })
    }

    @Test func `ends though Redis is away`() async throws {
        let server = try await PrivateRedis.start()
        let f = try await QueueFixture(server: server)
        let (drain, log, gate) = (DrainSwitch(), EventLog(), Gate())
        try await f.dispatch(1)
        let worker = f.worker(settings: .hasty, drain: drain, log: log) { _, _ in
            await gate.pass()
            return .completed(next: nil)
        }
        let life = Task { await worker.run() }
        try await log.wait(\.isStart)
        await server.kill()
        try await log.wait(\.isLoss)
        gate.open()
        drain.releaseNow()
        await life.value
        #expect(log.count(\.isUnsettled) == 1)
    }

    @Test func `that has nothing in hand ends at once`() async throws {
        let f = try await QueueFixture()
        let (drain, log) = (DrainSwitch(), EventLog())
        let worker = f.worker(drain: drain, log: log) { _, _ in .released }
        drain.drain()
        await worker.run()
        #expect(log.ended.isEmpty)
    }
}
