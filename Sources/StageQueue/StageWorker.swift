/// Works on one stage's deliveries, as many at once as it has slots, until it is told to drain.
///
/// One loop fetches, at a bell when there is nothing; each delivery's handler is a child task; a beat renews everything in
/// hand. Around them a settler that tells Redis of endings in batches, and a watch for the drain switch. While Redis is away, what is in hand
/// goes on and its endings wait.
public struct StageWorker: Sendable {
    let queue: StageQueue
    let stage: Stage
    let owner: Owner
    let predecessor: String?
    let settings: StageWorkerSettings
    let drain: DrainSwitch
    let handler: any DeliveryHandler
    let reconcile: @Sendable () async -> Void
    let report: @Sendable (WorkerEvent) -> Void
    let spread: @Sendable () -> Double

    /// - Parameters:
    ///   - predecessor: the name of a consumer known to be dead, normally the owner's own name from an earlier life; what
    ///     it holds is taken over at once.
    ///   - spread: random, 0 to 1; keeps workers from returning to Redis all at once.
    ///   - reconcile: dispatches anew whatever unfinished job has no live delivery. Called when Redis turns out to be
    ///     another than it was; never twice at a time.
    ///   - report: is called from several tasks, and must return at once.
    public init(
        queue: StageQueue, stage: Stage, owner: Owner, predecessor: String? = nil, settings: StageWorkerSettings,
        drain: DrainSwitch, handler: any DeliveryHandler,
        spread: @escaping @Sendable () -> Double = { Double.random(in: 0...1) },
        reconcile: @escaping @Sendable () async -> Void, report: @escaping @Sendable (WorkerEvent) -> Void
    ) {
        (self.queue, self.stage, self.owner, self.predecessor) = (queue, stage, owner, predecessor)
        (self.settings, self.drain, self.handler) = (settings, drain, handler)
        (self.spread, self.reconcile, self.report) = (spread, reconcile, report)
    }

    /// Returns once drained: everything in hand has ended, and Redis knows or could not be told.
    ///
    /// Cancelling it is no drain but a death: handlers are cancelled, Redis hears nothing more, and other workers take
    /// over what was in hand after one lease.
    public func run() async {
        let (wakeUps, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let (reconciles, reconcileSoon) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let contact = RedisContact(tolerance: max(settings.beat, settings.bell * 2), report: report)
        let bell = Bell(queue: queue)
        let hand = Hand(
            slots: settings.slots, timeLimit: settings.timeLimit, wake: { wake.yield() }, hush: { await bell.cut() })
        let handling = Handling(worker: self, hand: hand, contact: contact) { wake.yield() }
        let alarm = Alarm { wake.yield() }
        var loop = WorkerLoop(
            worker: self, handling: handling, contact: contact, bell: bell, alarm: alarm,
            reconcileSoon: { reconcileSoon.yield() })

        await withTaskGroup(of: Void.self) { group in
            group.addTask { await alarm.run() }
            group.addTask { await handling.settler.run() }
            group.addTask { await beat(hand, contact) }
            group.addTask {
                await watchDrain(hand, handling.settler) {
                    wake.yield()
                    await bell.cut()
                }
            }
            group.addTask { for await _ in reconciles { await reconcile() } }
            group.addTask { await knock(hand) { wake.yield() } }
            wake.yield()
            await loop.run(wakeUps)
            group.cancelAll()
        }
    }

    /// Renews what is in hand, at each beat.
    private func beat(_ hand: Hand, _ contact: RedisContact) async {
        while (try? await Task.sleep(for: settings.beat)) != nil {
            let deliveries = hand.deliveries
            guard !deliveries.isEmpty else { continue }
            do throws(QueueError) {
                let renewed = try await queue.renew(deliveries, owner: owner)
                contact.answered()
                for (delivery, renewed) in zip(deliveries, renewed) where !renewed {
                    if hand.context(of: delivery)?.lose() == true { report(.lost(delivery)) }
                }
            } catch {
                contact.failed(error)
            }
        }
    }

    /// Holds the time limits, and makes the loop come round though nothing happens.
    private func knock(_ hand: Hand, _ wake: @Sendable () -> Void) async {
        let period = max(min(settings.bell, settings.scan, settings.timeLimit / 4), .milliseconds(10))
        while (try? await Task.sleep(for: period)) != nil {
            hand.interruptOverdue()
            wake()
        }
    }

    /// Stops the loop when the switch is drained; after the drain time, or at once when it says so, gives back the rest.
    private func watchDrain(_ hand: Hand, _ settler: Settler, _ wake: @Sendable () async -> Void) async {
        for await position in drain.positions where position > .running { break }
        guard !Task.isCancelled else { return }
        await wake()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await Task.sleep(for: settings.drainTime) }
            group.addTask { for await position in drain.positions where position == .releasing { return } }
            await group.next()
            group.cancelAll()
        }
        guard !Task.isCancelled else { return }
        hand.interruptAll(.release)
        try? await Task.sleep(for: settings.farewell)
        settler.loseProspects()
    }
}
