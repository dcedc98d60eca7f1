/// The loop of a ``StageWorker``: each time it comes round it takes what its free slots can hold, and starts it.
struct WorkerLoop {
    let worker: StageWorker
    let handling: Handling
    let contact: RedisContact
    let bell: Bell
    let alarm: Alarm
    let reconcileSoon: @Sendable () -> Void

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
    /// The last look, if it left nothing that could be taken.
    private var drained: FetchAnswer?

    init(
        worker: StageWorker, handling: Handling, contact: RedisContact, bell: Bell, alarm: Alarm,
        reconcileSoon: @escaping @Sendable () -> Void
    ) {
        (self.worker, self.handling, self.contact) = (worker, handling, contact)
        (self.bell, self.alarm, self.reconcileSoon) = (bell, alarm, reconcileSoon)
        isInheriting = worker.predecessor != nil
        (nextScan, nextTry, nextLook) = (clock.now, clock.now, clock.now)
    }

    private var hand: Hand { handling.hand }
    private var isRunning: Bool { worker.drain.position == .running && !Task.isCancelled }

    /// Returns once the worker drains and nothing is in hand any more.
    mutating func run(_ wakeUps: AsyncStream<Void>) async {
        await withDiscardingTaskGroup { group in
            for await _ in wakeUps {
                repeat {
                    // The watchdog is fed while the rest is finished, too; but not while a handler hangs.
                    if !hand.isStuck(patience: worker.settings.lease) { worker.report(.cameRound) }
                } while await comeRound(&group)
                if !isRunning, hand.isEmpty { break }
            }
        }
        await bell.close()
    }

    /// Answers whether to come round again at once.
    private mutating func comeRound(_ group: inout DiscardingTaskGroup) async -> Bool {
        let cuts = bell.cuts
        guard isRunning, clock.now >= nextTry else { return false }
        var free = hand.beginFetch()
        defer { hand.endFetch() }
        do throws(QueueError) {
            if free == 0 {
                // Nothing can be taken, but what is due must be promoted, and a lost Redis noticed.
                guard clock.now >= nextLook else { return false }
                let answer = try await worker.queue.fetch(worker.stage, slots: 0, owner: worker.owner)
                take(answer, &group)
                nextLook = clock.now + min(worker.settings.bell, answer.nextDue ?? worker.settings.bell)
                return false
            }
            free -= try await inherit(free, &group)
            free -= try await reclaim(free, &group)
            // What a dead worker had comes first: it may have to be alone.
            guard free > 0, hand.isDecided else { return true }
            guard let answer = try await fetch(min(free, StageQueue.elementsInOneBatch), unless: cuts) else {
                return true
            }
            let isUrgent = answer.deliveries.contains { $0.priority != worker.queue.topology.priorities.last }
            rotation.fetched(answer.deliveries.count, crowded: answer.isCrowded && isUrgent)
            take(answer, &group)
            let isWaiting = answer.isPaused || answer.isDrained
            drained = isWaiting && !answer.isLimited ? answer : nil
            guard answer.isLimited else { return true }
            // What ends elsewhere rings no bell; what ends here wakes the loop.
            alarm.set(min(worker.settings.bell, answer.nextDue ?? worker.settings.bell))
            return false
        } catch {
            drained = nil
            contact.failed(error)
            let pause = backoff.next(spread: worker.spread())
            nextTry = clock.now + pause
            alarm.set(pause)
            return false
        }
    }

    /// Takes what there is; where the last look found nothing, it waits for something to come. Nil: come round again.
    private mutating func fetch(_ slots: Int, unless cuts: Int) async throws(QueueError) -> FetchAnswer? {
        let arguments = worker.queue.fetchArguments(
            worker.stage, slots: slots, owner: worker.owner, leastUrgentFirst: rotation.leastUrgentFirst,
            limits: worker.settings.limits)
        if let last = drained {
            drained = nil
            let time = [
                worker.settings.bell, last.nextDue ?? worker.settings.bell, clock.now.duration(to: nextScan),
            ]
            return try await bell.fetch(after: last.bell, upTo: time.min() ?? .zero, unless: cuts, arguments)
        }
        return try await worker.queue.run(
            worker.queue.scripts.fetch, arguments, reading: worker.queue.fetchAnswer)
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
        guard !deliveries.isEmpty else { return 0 }
        let now = clock.now
        let taken = zip(deliveries, hand.take(deliveries, reclaimed: reclaimed)).compactMap { delivery, context in
            context.map { (delivery: delivery, context: $0) }
        }
        if reclaimed { for one in taken { worker.report(.reclaimed(one.delivery)) } }
        // Each starts here and now, so that a handler with little to do costs no change of threads.
        if taken.count <= Self.mostStartedByLoop {
            for one in taken {
                group.addImmediateTask { [handling] in await handling.work(on: one.delivery, one.context, since: now) }
            }
        } else {
            // So many that the loop had better fetch the next meanwhile.
            group.addTask { [handling] in
                await withDiscardingTaskGroup { batch in
                    for one in taken {
                        batch.addImmediateTask { await handling.work(on: one.delivery, one.context, since: now) }
                    }
                }
            }
        }
        return taken.count
    }

    private static let mostStartedByLoop = 16
}
