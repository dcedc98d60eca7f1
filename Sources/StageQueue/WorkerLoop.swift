/// The loop of a ``StageWorker``: each time it comes round it takes what its free slots can hold, and starts it.
struct WorkerLoop {
    let worker: StageWorker
    let hand: Hand
    let contact: RedisContact
    let settler: Settler
    let bell: Bell
    let reconcileSoon: @Sendable () -> Void
    let wake: @Sendable () -> Void

    private let clock = ContinuousClock()
    private var rotation = FetchRotation()
    private var backoff = Backoff()
    private var cursor = ReclaimCursor()
    private var epoch: String?
    private var isInheriting: Bool
    private var nextScan: ContinuousClock.Instant
    /// While Redis is away: when to try again.
    private var nextTry: ContinuousClock.Instant
    /// While no slot is free: when to promote again.
    private var nextLook: ContinuousClock.Instant

    init(
        worker: StageWorker, hand: Hand, contact: RedisContact, settler: Settler, bell: Bell,
        reconcileSoon: @escaping @Sendable () -> Void, wake: @escaping @Sendable () -> Void
    ) {
        (self.worker, self.hand, self.contact, self.settler, self.bell) = (worker, hand, contact, settler, bell)
        (self.reconcileSoon, self.wake) = (reconcileSoon, wake)
        isInheriting = worker.predecessor != nil
        (nextScan, nextTry, nextLook) = (clock.now, clock.now, clock.now)
    }

    private var isRunning: Bool { worker.drain.position == .running && !Task.isCancelled }

    /// Returns once the worker drains and nothing is in hand any more.
    mutating func run(_ wakeUps: AsyncStream<Void>) async {
        await withDiscardingTaskGroup { group in
            for await _ in wakeUps {
                // The watchdog is fed while the rest is finished, too; but not while a handler hangs.
                if !hand.isStuck(patience: worker.settings.lease) { worker.report(.cameRound) }
                if isRunning {
                    await comeRound(&group)
                } else if hand.deliveries.isEmpty {
                    break
                }
            }
        }
    }

    private mutating func comeRound(_ group: inout DiscardingTaskGroup) async {
        guard clock.now >= nextTry else { return }
        var free = hand.beginFetch()
        defer { hand.endFetch() }
        do throws(QueueError) {
            if free == 0 {
                // Nothing can be taken, but what is due must be promoted, and a lost Redis noticed.
                guard clock.now >= nextLook else { return }
                let answer = try await worker.queue.fetch(worker.stage, slots: 0, owner: worker.owner)
                take(answer, &group)
                nextLook = clock.now + min(worker.settings.bell, answer.nextDue ?? worker.settings.bell)
                return
            }
            free -= try await inherit(free, &group)
            free -= try await reclaim(free, &group)
            let answer = try await worker.queue.fetch(
                worker.stage, slots: free, owner: worker.owner, leastUrgentFirst: rotation.leastUrgentFirst)
            rotation.fetched(answer.deliveries.count)
            take(answer, &group)
            if answer.isPaused || answer.isDrained {
                let time = [
                    worker.settings.bell, answer.nextDue ?? worker.settings.bell, clock.now.duration(to: nextScan),
                ]
                bell.listen(at: answer.bell, upTo: max(time.min() ?? .zero, .milliseconds(1)))
            } else if answer.deliveries.count < free {
                wake()
            }
        } catch {
            contact.failed(error)
            let pause = backoff.next(spread: worker.spread())
            nextTry = clock.now + pause
            bell.sleep(pause)
        }
    }

    /// Takes what the predecessor left, until nothing is left.
    private mutating func inherit(_ free: Int, _ group: inout DiscardingTaskGroup) async throws(QueueError) -> Int {
        guard isInheriting, let predecessor = worker.predecessor else { return 0 }
        let answer = try await worker.queue.takeOver(
            worker.stage, from: predecessor, slots: free, owner: worker.owner)
        isInheriting = !answer.isComplete
        report(answer.anomalies, unknown: answer.unknown)
        return start(answer.deliveries, reclaimed: true, &group)
    }

    /// Looks for abandoned deliveries, if it is time and Redis has been there for a lease.
    private mutating func reclaim(_ free: Int, _ group: inout DiscardingTaskGroup) async throws(QueueError) -> Int {
        guard free > 0, clock.now >= nextScan else { return 0 }
        nextScan = clock.now + worker.settings.scan
        guard contact.isSteady(for: worker.settings.lease) else { return 0 }
        let answer = try await worker.queue.reclaim(
            worker.stage, slots: free, owner: worker.owner, lease: worker.settings.lease, from: cursor)
        cursor = answer.cursor
        // What is set aside for other versions turns up at every scan: that is no news.
        report(answer.anomalies, unknown: 0)
        return start(answer.deliveries, reclaimed: true, &group)
    }

    private mutating func take(_ answer: FetchAnswer, _ group: inout DiscardingTaskGroup) {
        backoff.reset()
        contact.answered(redisNow: answer.now)
        if answer.foundNothing || (epoch != nil && answer.epoch != epoch) {
            worker.report(.newEpoch(answer.epoch))
            reconcileSoon()
        }
        epoch = answer.epoch
        report(answer.anomalies, unknown: answer.unknown)
        _ = start(answer.deliveries, reclaimed: false, &group)
    }

    private func report(_ anomalies: [Anomaly], unknown: Int) {
        for anomaly in anomalies { worker.report(.anomaly(anomaly)) }
        if unknown > 0 { worker.report(.unknown(unknown)) }
    }

    /// Answers how many slots that took: not those that are in hand already.
    private func start(_ deliveries: [Delivery], reclaimed: Bool, _ group: inout DiscardingTaskGroup) -> Int {
        var started = 0
        for delivery in deliveries {
            guard let context = hand.take(delivery) else { continue }
            if reclaimed { worker.report(.reclaimed(delivery)) }
            group.addTask { [self] in await work(on: delivery, context) }
            started += 1
        }
        return started
    }

    private func work(on delivery: Delivery, _ context: DeliveryContext) async {
        let begin = clock.now
        let disposition: Disposition
        if worker.drain.position == .running {
            worker.report(.started(delivery))
            disposition = await handle(delivery, context)
        } else {
            // It came with the answer to a fetch that was under way when the worker began to drain.
            disposition = .released
        }
        hand.endHandling(delivery)
        let outcome = Task.isCancelled ? nil : await settler.settle(Ending(delivery, disposition))
        hand.letGo(delivery)
        if let outcome {
            worker.report(
                .ended(delivery, disposition, owned: outcome.owned, after: begin.duration(to: clock.now)))
        } else {
            worker.report(.unsettled(delivery, disposition))
        }
        wake()
    }

    /// Runs the handler, and cancels it when it is interrupted.
    private func handle(_ delivery: Delivery, _ context: DeliveryContext) async -> Disposition {
        await withTaskGroup(of: Disposition?.self) { group in
            group.addTask { await worker.handler.handle(delivery, context) }
            group.addTask {
                for await _ in context.interrupted { break }
                return nil
            }
            for await result in group {
                group.cancelAll()
                if let result { return result }
            }
            return .released
        }
    }
}
