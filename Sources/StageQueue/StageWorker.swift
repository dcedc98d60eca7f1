/// Works on one stage's deliveries, as many at once as it has slots, until it is told to drain.
///
/// For each partition a loop fetches, at a bell when there is nothing, a beat renews what is in hand, and a settler tells Redis of
/// endings in batches; each delivery's handler is a child task. Around them a watch for the drain switch. While Redis is away,
/// what is in hand goes on and its endings wait; a partition that is away holds up no other.
public struct StageWorker: Sendable {
    let queue: PartitionedQueue
    let stage: Stage
    let owner: Owner
    let predecessor: String?
    let settings: StageWorkerSettings
    let drain: DrainSwitch
    let handler: any DeliveryHandler
    let rings: @Sendable (Int) -> Bool
    let reconcile: @Sendable (Int) async -> Void
    let report: @Sendable (WorkerEvent) -> Void
    let spread: @Sendable () -> Double

    /// - Parameters:
    ///   - predecessor: the name of a consumer known to be dead, normally the owner's own name from an earlier life; what
    ///     it holds is taken over at once.
    ///   - spread: random, 0 to 1; keeps workers from returning to Redis all at once.
    ///   - rings: whether the worker waits at this partition's streams, on a connection of its own. The other partitions it
    ///     only looks into every ``StageWorkerSettings/sweep``.
    ///   - reconcile: dispatches anew whatever unfinished job of this partition has no live delivery. Called when its Redis
    ///     turns out to be another than it was; never twice at a time for one partition.
    ///   - report: is called from several tasks, and must return at once.
    public init(
        queue: PartitionedQueue, stage: Stage, owner: Owner, predecessor: String? = nil,
        settings: StageWorkerSettings, drain: DrainSwitch, handler: any DeliveryHandler,
        rings: @escaping @Sendable (Int) -> Bool = { _ in true },
        spread: @escaping @Sendable () -> Double = { Double.random(in: 0...1) },
        reconcile: @escaping @Sendable (Int) async -> Void, report: @escaping @Sendable (WorkerEvent) -> Void
    ) {
        self.rings = rings
        (self.queue, self.stage, self.owner, self.predecessor) = (queue, stage, owner, predecessor)
        (self.settings, self.drain, self.handler) = (settings, drain, handler)
        (self.spread, self.reconcile, self.report) = (spread, reconcile, report)
    }

    /// Returns once drained: everything in hand has ended, and Redis knows or could not be told.
    ///
    /// Cancelling it is no drain but a death: handlers are cancelled, Redis hears nothing more, and other workers take
    /// over what was in hand after one lease.
    public func run() async {
        let parts = WorkerPartitions()
        let hand = Hand(
            slots: settings.slots, timeLimit: settings.timeLimit, wake: { for part in parts.all { part.wake() } },
            hush: { for part in parts.all { await part.bell.cut() } })
        let rounds = Rounds(patience: settings.lease)
        let (changes, change) = AsyncStream.makeStream(of: Set<Int>.self, bufferingPolicy: .bufferingNewest(1))
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await partitions in queue.changes { change.yield(partitions) } }
            group.addTask { await watchDrain(hand, parts) { change.finish() } }
            group.addTask { await knock(hand, parts) }
            await withDiscardingTaskGroup { running in
                var isStart = true
                for await partitions in changes {
                    if isStart, predecessor != nil { hand.inherits(from: partitions) }
                    isStart = false
                    let new = await parts.update(partitions) { partition in
                        WorkerPartition(queue[partition], of: self, hand: hand, rounds: rounds)
                    }
                    for part in new {
                        running.addTask {
                            await part.run()
                            parts.ended(part)
                        }
                    }
                }
            }
            group.cancelAll()
        }
    }

    /// Holds the time limits, and makes the loops come round though nothing happens.
    private func knock(_ hand: Hand, _ parts: WorkerPartitions) async {
        let period = max(min(settings.bell, settings.scan, settings.timeLimit / 4), .milliseconds(10))
        while (try? await Task.sleep(for: period)) != nil {
            hand.interruptOverdue()
            for part in parts.all { part.wake() }
        }
    }

    /// Stops the loops when the switch is drained; after the drain time, or at once when it says so, gives back the rest.
    private func watchDrain(
        _ hand: Hand, _ parts: WorkerPartitions, stopping: @Sendable () -> Void
    ) async {
        for await position in drain.positions where position > .running { break }
        guard !Task.isCancelled else { return }
        stopping()
        for part in parts.all {
            part.wake()
            await part.bell.cut()
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await Task.sleep(for: settings.drainTime) }
            group.addTask { for await position in drain.positions where position == .releasing { return } }
            await group.next()
            group.cancelAll()
        }
        guard !Task.isCancelled else { return }
        hand.interruptAll(.release)
        try? await Task.sleep(for: settings.farewell)
        for part in parts.all { part.handling.settler.loseProspects() }
    }
}

extension StageWorker {
    /// A worker of a queue that has only this partition.
    public init(
        queue: StageQueue, stage: Stage, owner: Owner, predecessor: String? = nil, settings: StageWorkerSettings,
        drain: DrainSwitch, handler: any DeliveryHandler,
        spread: @escaping @Sendable () -> Double = { Double.random(in: 0...1) },
        reconcile: @escaping @Sendable () async -> Void, report: @escaping @Sendable (WorkerEvent) -> Void
    ) {
        self.init(
            queue: PartitionedQueue(only: queue), stage: stage, owner: owner, predecessor: predecessor,
            settings: settings, drain: drain, handler: handler, spread: spread, reconcile: { _ in await reconcile() },
            report: report)
    }
}
