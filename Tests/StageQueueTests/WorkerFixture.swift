import StageQueue

struct Handler: DeliveryHandler {
    let body: @Sendable (Delivery, DeliveryContext) async -> Disposition

    func handle(_ delivery: Delivery, _ context: DeliveryContext) async -> Disposition {
        await body(delivery, context)
    }
}

extension StageWorkerSettings {
    /// Numbers that nothing in a short test runs into.
    static var calm: Self { Self(slots: 4, timeLimit: .seconds(600), drainTime: .seconds(600)) }

    /// A lease short enough to be waited for.
    static var hasty: Self {
        var settings = calm
        (settings.lease, settings.beat) = (.seconds(1), .milliseconds(250))
        (settings.scan, settings.bell) = (.milliseconds(100), .milliseconds(400))
        settings.farewell = .milliseconds(100)
        return settings
    }
}

extension QueueFixture {
    func worker(
        _ owner: Owner? = nil, stage: Stage? = nil, predecessor: String? = nil,
        settings: StageWorkerSettings = .calm, drain: DrainSwitch, log: EventLog,
        reconcile: @escaping @Sendable () async -> Void = {},
        handle: @escaping @Sendable (Delivery, DeliveryContext) async -> Disposition
    ) -> StageWorker {
        StageWorker(
            queue: queue, stage: stage ?? first, owner: owner ?? self.owner, predecessor: predecessor,
            settings: settings, drain: drain, handler: Handler(body: handle), reconcile: reconcile,
            report: { log.report($0) })
    }
}

/// Runs workers beside `body`, and then, however it ended, releases them and waits for their end.
func running(_ workers: StageWorker..., until drain: DrainSwitch, body: () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for worker in workers { group.addTask { await worker.run() } }
        defer { drain.releaseNow() }
        try await body()
    }
}
