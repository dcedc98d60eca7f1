import Redis
import StageQueue
import TestServers
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A worker whose Redis goes away` {
    @Test func `works on, and tells Redis of it when it is back`() async throws {
        var options = PrivateRedis.Options()
        options.appendOnly = true
        let server = try await PrivateRedis.start(options)
        let f = try await QueueFixture(server: server)
        let (drain, log, gate) = (DrainSwitch(), EventLog(), Gate())
        try await f.dispatch(1, 2)
        let worker = f.worker(drain: drain, log: log) { delivery, _ in
            await gate.pass()
            return .completed(next: Dispatch(job: delivery.job, stage: f.second, priority: f.daily))
        }
        try await running(worker, until: drain) {
            try await log.wait(for: 2, \.isStart)
            await server.kill()
            gate.open()
            try await log.wait(\.isLoss)
            try await server.restart()
            try await log.wait(for: 2, \.isEnd)
            try await log.wait(\.isReturn)
            try await f.dispatch(3)
            try await log.wait(for: 3, \.isEnd)
        }
        #expect(log.ended.map(\.owned) == [true, true, true])
        #expect(log.count(\.isStart) == 3)
        #expect(try await f.fetch(at: f.second).count == 3)
    }

    @Test func `reconciles when it comes back empty, and forwards what it has finished`() async throws {
        let server = try await PrivateRedis.start()
        let f = try await QueueFixture(server: server)
        let (drain, log, gate) = (DrainSwitch(), EventLog(), Gate())
        let calls = Shared(0)
        try await f.dispatch(1)
        let worker = f.worker(
            drain: drain, log: log,
            reconcile: {
                // The first call is for the new Redis that every worker meets at its first start.
                if calls.next() == 2 { try? await f.dispatch(2) }
            },
            handle: { delivery, _ in
                if delivery.job == 1 { await gate.pass() }
                return .completed(next: Dispatch(job: delivery.job, stage: f.second, priority: f.daily))
            })
        try await running(worker, until: drain) {
            try await log.wait(\.isStart)
            try await server.restart()
            try await log.wait(for: 2, \.isNewEpoch)
            try await log.wait(\.isEnd)
            gate.open()
            try await log.wait(for: 2, \.isEnd)
        }
        #expect(log.ended.map(\.job) == [2, 1])
        #expect(log.ended.map(\.owned) == [true, false])
        #expect(try await f.fetch(at: f.second).map(\.job) == [2, 1])
    }

    @Test func `reconciles after FLUSHALL, without any sign from the connection`() async throws {
        let f = try await QueueFixture(server: try await PrivateRedis.start())
        let (drain, log) = (DrainSwitch(), EventLog())
        let calls = Shared<Int64>(0)
        let worker = f.worker(
            settings: .hasty, drain: drain, log: log,
            reconcile: { try? await f.dispatch(calls.next()) },
            handle: { _, _ in .completed(next: nil) })
        try await running(worker, until: drain) {
            try await log.wait(for: 1, \.isEnd)
            _ = try await f.client.send(RedisCommand("FLUSHALL"))
            try await log.wait(for: 2, \.isEnd)
        }
        #expect(log.ended.map(\.job) == [1, 2])
        #expect(calls.now == 2)
    }
}
