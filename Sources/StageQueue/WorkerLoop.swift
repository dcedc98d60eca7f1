/// The loop of a ``StageWorker`` for one partition: each time it comes round it takes what the free slots can hold, and starts it.
struct WorkerLoop {
    let part: WorkerPartition
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
    /// While the partition is only swept: when to look again.
    private var nextSweep: ContinuousClock.Instant
    /// While no slot is free: when to promote again.
    private var nextLook: ContinuousClock.Instant
    /// Whether the last look failed.
    private var isAway = false
    /// The last look, if it left nothing that could be taken.
    private var drained: FetchAnswer?

    init(
        part: WorkerPartition, alarm: Alarm, reconcileSoon: @escaping @Sendable () -> Void
    ) {
        (self.part, self.alarm, self.reconcileSoon) = (part, alarm, reconcileSoon)
        isInheriting = part.worker.predecessor != nil
        (nextScan, nextTry, nextLook, nextSweep) = (clock.now, clock.now, clock.now, clock.now)
    }

    private var worker: StageWorker { part.worker }
    private var queue: StageQueue { part.queue }
    private var hand: Hand { part.hand }
    private var handling: Handling { part.handling }
    private var contact: RedisContact { part.contact }
    private var bell: Bell { part.bell }

    /// Returns once nothing may be taken any more and nothing of the partition is in hand.
    mutating func run(_ wakeUps: AsyncStream<Void>) async {
        await withDiscardingTaskGroup { group in
            for await _ in wakeUps {
                repeat {
                    // The watchdog is fed while the rest is finished, too; but not while a handler hangs.
                    let noneHangs = part.rounds.came(part.partition)
                    if noneHangs, !hand.isStuck(patience: worker.settings.lease) { worker.report(.cameRound) }
                } while await comeRound(&group)
                if !part.isOpen, hand.holdsNothing(of: part.partition) { break }
            }
        }
        await bell.close()
    }

    /// Answers whether to come round again at once.
    private mutating func comeRound(_ group: inout DiscardingTaskGroup) async -> Bool {
        let cuts = bell.cuts
        guard part.isOpen, clock.now >= nextTry else { return false }
        if isAway || part.isOneOfSeveral {
            // Reserving no slot for a Redis that may not answer for seconds, nor for a wait at one partition's bell: the other
            // partitions may need it.
            do throws(QueueError) {
                guard try await isWorthALook(unless: cuts, &group) else { return false }
                isAway = false
            } catch {
                return tryLater(error)
            }
        }
        let reserved = hand.beginFetch(for: part.partition, calling: part.call)
        defer { hand.endFetch(reserved) }
        var free = reserved
        do throws(QueueError) {
            if free == 0 {
                // It looks as soon as it is called to a slot.
                drained = nil
                // Nothing can be taken, but what is due must be promoted, and a lost Redis noticed.
                guard clock.now >= nextLook else { return false }
                let answer = try await queue.fetch(worker.stage, slots: 0, owner: worker.owner)
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
            let isUrgent = answer.deliveries.contains { $0.priority != queue.topology.priorities.last }
            rotation.fetched(answer.deliveries.count, crowded: answer.isCrowded && isUrgent)
            take(answer, &group)
            let isWaiting = answer.isPaused || answer.isDrained
            drained = isWaiting && !answer.isLimited ? answer : nil
            nextSweep = clock.now + min(worker.settings.sweep, answer.nextDue ?? worker.settings.sweep)
            guard answer.isLimited else { return true }
            // What ends elsewhere rings no bell; what ends here wakes the loop.
            alarm.set(min(worker.settings.bell, answer.nextDue ?? worker.settings.bell))
            return false
        } catch {
            return tryLater(error)
        }
    }

    /// Without a slot: waits at the bell where the last look found nothing, or only until the next sweep where this worker does
    /// not wait. False: come round later.
    private mutating func isWorthALook(
        unless cuts: Int, _ group: inout DiscardingTaskGroup
    ) async throws(QueueError) -> Bool {
        let nothing = queue.fetchArguments(
            worker.stage, slots: 0, owner: worker.owner, leastUrgentFirst: false, limits: part.limits)
        if isAway {
            take(try await queue.run(queue.scripts.fetch, nothing, reading: queue.fetchAnswer), &group)
            return true
        }
        guard let last = drained else { return true }
        guard worker.rings(part.partition) else {
            // Its time, or that of a look for abandoned deliveries; a slot that is free is no news here.
            await bell.close()
            let next = min(nextSweep, nextScan)
            guard clock.now < next else { return true }
            alarm.set(clock.now.duration(to: next))
            return false
        }
        let time = [worker.settings.bell, last.nextDue ?? worker.settings.bell, clock.now.duration(to: nextScan)]
        drained = nil
        if let answer = try await bell.fetch(after: last.bell, upTo: time.min() ?? .zero, unless: cuts, nothing) {
            take(answer, &group)
        }
        return part.isOpen
    }

    private mutating func tryLater(_ error: QueueError) -> Bool {
        (drained, isAway) = (nil, true)
        contact.failed(error)
        hand.inherited(part.partition)
        hand.waitsNoMore(part.partition)
        let pause = backoff.next(spread: worker.spread())
        nextTry = clock.now + pause
        alarm.set(pause)
        return false
    }

    /// Takes what there is; where the last look found nothing, it waits for something to come. Nil: come round again.
    private mutating func fetch(_ slots: Int, unless cuts: Int) async throws(QueueError) -> FetchAnswer? {
        let arguments = queue.fetchArguments(
            worker.stage, slots: slots, owner: worker.owner, leastUrgentFirst: rotation.leastUrgentFirst,
            limits: part.limits)
        if let last = drained, !part.isOneOfSeveral {
            drained = nil
            let time = [
                worker.settings.bell, last.nextDue ?? worker.settings.bell, clock.now.duration(to: nextScan),
            ]
            return try await bell.fetch(after: last.bell, upTo: time.min() ?? .zero, unless: cuts, arguments)
        }
        return try await queue.run(
            queue.scripts.fetch, arguments, reading: queue.fetchAnswer)
    }

    /// Takes what the predecessor left, until nothing is left.
    private mutating func inherit(_ free: Int, _ group: inout DiscardingTaskGroup) async throws(QueueError) -> Int {
        guard isInheriting, let predecessor = worker.predecessor else { return 0 }
        let answer = try await queue.takeOver(
            worker.stage, from: predecessor, slots: free, owner: worker.owner)
        isInheriting = !answer.isComplete
        let taken = start(answer.deliveries, reclaimed: true, &group)
        // What was left for want of slots comes before anything else of this partition.
        hand.inherited(part.partition)
        report(answer.anomalies, unknown: answer.unknown)
        return taken
    }

    /// Looks for abandoned deliveries, if it is time and Redis has been there for a lease.
    private mutating func reclaim(_ free: Int, _ group: inout DiscardingTaskGroup) async throws(QueueError) -> Int {
        guard free > 0, clock.now >= nextScan else { return 0 }
        nextScan = clock.now + worker.settings.scan
        guard contact.isSteady(for: worker.settings.lease) else { return 0 }
        let answer = try await queue.reclaim(
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
            worker.report(.newEpoch(answer.epoch, partition: part.partition))
            reconcileSoon()
        }
        if epoch == nil { worker.report(.metEpoch(answer.epoch, partition: part.partition)) }
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
