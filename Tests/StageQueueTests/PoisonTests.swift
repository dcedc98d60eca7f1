import Redis
import Testing

@testable import StageQueue

@Suite(.timeLimit(.minutes(1))) struct `A delivery that kills its worker before it begins` {
    /// Lives of a worker that dies when it has started so many handlers. Each succeeds its predecessor.
    private func live(
        _ f: QueueFixture, _ life: Int, log: EventLog, until isOver: @escaping @Sendable (WorkerEvent) -> Bool,
        handler: any DeliveryHandler
    ) async throws {
        let drain = DrainSwitch()
        let worker = StageWorker(
            queue: f.queue, stage: f.first, owner: try QueueFixture.owner("worker", incarnation: "\(life)"),
            predecessor: "worker", settings: .calm, drain: drain, handler: handler, reconcile: {},
            report: { log.report($0) })
        let process = Task { await worker.run() }
        try await log.wait(isOver)
        process.cancel()
        await process.value
    }

    private struct Poisoned: DeliveryHandler {
        let touched: @Sendable (Delivery) -> Void
        let beginsOnly: Set<Int64>

        func handle(_ delivery: Delivery, _ context: DeliveryContext) async -> Disposition {
            if beginsOnly.contains(delivery.job) { await context.begun() }
            touched(delivery)
            await Gate().pass()
            return .released
        }
    }

    @Test func `is buried after three deaths that it suffered alone`() async throws {
        let f = try await QueueFixture()
        try await f.dispatch(1)
        let deaths = Shared(0)
        for life in 1...10 {
            let log = EventLog()
            let handler = Poisoned(touched: { _ in deaths.change { $0 += 1 } }, beginsOnly: [])
            let before = deaths.now
            try await live(f, life, log: log, until: { $0.isEnd || deaths.now > before }, handler: handler)
            if try await f.queue.deadLetters().total == 1 { break }
        }
        // Twice among others, then three times alone.
        #expect(deaths.now == StageQueue.handsBeforeSuspicion + StageQueue.lonelyDeathsBeforeBurial)
        #expect(try await f.queue.deadLetters().page.map(\.reference.job) == [1])
        #expect(try await f.live(1) == nil)
        #expect(try await f.client.send(RedisCommand("EXISTS", RedisArgument(f.topology.suspectsKey))).integer() == 0)
    }

    @Test func `is not taken for one that has begun, however often its worker dies`() async throws {
        let f = try await QueueFixture()
        try await f.dispatch(1)
        for life in 1...8 {
            let (log, starts) = (EventLog(), Shared(0))
            try await live(
                f, life, log: log, until: { _ in starts.now > 0 },
                handler: Poisoned(touched: { _ in starts.change { $0 += 1 } }, beginsOnly: [1]))
        }
        #expect(try await f.queue.deadLetters().total == 0)
        #expect(try await f.live(1)?.isInHand == true)
    }
}
