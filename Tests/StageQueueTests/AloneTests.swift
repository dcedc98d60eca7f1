import StageQueue
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A delivery that must be alone` {
    @Test func `waits for all others, and nothing is fetched beside it`() async throws {
        let f = try await QueueFixture()
        let (drain, log, gate) = (DrainSwitch(), EventLog(), Gate())
        let running = Shared<Set<Int64>>([])
        let beside = Shared<[Set<Int64>]>([])
        try await f.dispatch(1, 2, 3)
        let worker = f.worker(settings: .hasty, drain: drain, log: log) { delivery, context in
            running.change { _ = $0.insert(delivery.job) }
            defer { running.change { _ = $0.remove(delivery.job) } }
            guard delivery.job == 2 else {
                await gate.pass()
                return .completed(next: nil)
            }
            do {
                return try await context.alone {
                    beside.change { $0.append(running.now) }
                    try await f.dispatch(4, urgently: true)
                    try await log.waitForRounds(3)
                    beside.change { $0.append(running.now) }
                    return .completed(next: nil)
                }
            } catch {
                return .released
            }
        }
        try await StageQueueTests.running(worker, until: drain) {
            try await log.wait(for: 3, \.isStart)
            #expect(beside.now.isEmpty)
            gate.open()
            try await log.wait(for: 4, \.isEnd)
        }
        #expect(beside.now == [[2], [2]])
        #expect(log.ended.last?.job == 4)
    }

    @Test func `is not held up by others that must be, too`() async throws {
        let f = try await QueueFixture()
        let (drain, log, now) = (DrainSwitch(), EventLog(), Shared((running: 0, most: 0)))
        try await f.dispatch(1, 2, 3)
        let worker = f.worker(settings: .hasty, drain: drain, log: log) { _, context in
            do {
                return try await context.alone {
                    now.change { $0 = ($0.running + 1, max($0.most, $0.running + 1)) }
                    try await log.waitForRounds(1)
                    now.change { $0.running -= 1 }
                    return .completed(next: nil)
                }
            } catch {
                return .released
            }
        }
        try await StageQueueTests.running(worker, until: drain) { try await log.wait(for: 3, \.isEnd) }
        #expect(now.now.most == 1)
        #expect(log.ended.allSatisfy { $0.disposition == .completed(next: nil) })
    }

    @Test func `gives up waiting when it is interrupted`() async throws {
        let f = try await QueueFixture()
        let (drain, log) = (DrainSwitch(), EventLog())
        try await f.dispatch(1, 2)
        let worker = f.worker(settings: .hasty, drain: drain, log: log) { delivery, context in
            if delivery.job == 1 {
                await Gate().pass()
                return .released
            }
            do {
                return try await context.alone { .completed(next: nil) }
            } catch {
                return context.interruption == .release ? .released : .buried(reason: "not told why")
            }
        }
        try await StageQueueTests.running(worker, until: drain) {
            try await log.wait(for: 2, \.isStart)
            drain.releaseNow()
            try await log.wait(for: 2, \.isEnd)
        }
        #expect(log.ended.allSatisfy { $0.disposition == .released && $0.owned })
    }
}
