import Synchronization

/// What a worker has for one partition: its loop with its bell, its beat, its handling with its settler, so that a partition whose
/// Redis is away holds up no other. Only the hand, with its slots, is shared.
final class WorkerPartition: Sendable {
    let queue: StageQueue
    let worker: StageWorker
    let hand: Hand
    let rounds: Rounds
    let bell: Bell
    let contact: RedisContact
    let handling: Handling
    private let wakeUps: AsyncStream<Void>
    private let wakeUp: AsyncStream<Void>.Continuation
    private let retired = Atomic<Bool>(false)

    init(_ queue: StageQueue, of worker: StageWorker, hand: Hand, rounds: Rounds) {
        (self.queue, self.worker, self.hand, self.rounds) = (queue, worker, hand, rounds)
        let (wakeUps, wakeUp) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        (self.wakeUps, self.wakeUp) = (wakeUps, wakeUp)
        contact = RedisContact(
            partition: queue.topology.partition,
            // It may hear from Redis no oftener than this: by its beat, its bell, or, where it waits at none, its looks.
            tolerance: max(
                worker.settings.beat, worker.settings.bell * 2, min(worker.settings.scan, worker.settings.sweep) * 2),
            report: worker.report)
        bell = Bell(queue: queue)
        handling = Handling(worker: worker, queue: queue, hand: hand, contact: contact) { wakeUp.yield() }
    }

    var partition: Int { queue.topology.partition }

    /// Whether the worker has others, too, which may take the slots while this one waits at its bell.
    var isOneOfSeveral: Bool { worker.queue.isDivided }

    /// What tells this one of several that it is its turn for a slot.
    var call: (@Sendable () -> Void)? {
        guard isOneOfSeveral else { return nil }
        return { self.wake() }
    }

    /// The worker's limits, as far as this partition is concerned.
    var limits: StageLimits { worker.settings.limits.share(of: partition, among: worker.queue.partitions) }

    /// Whether new deliveries may be taken.
    var isOpen: Bool {
        worker.drain.position == .running && !retired.load(ordering: .relaxed) && !Task.isCancelled
    }

    /// Makes the loop come round.
    func wake() { wakeUp.yield() }

    /// Nothing more is taken; it ends once nothing of its partition is in hand.
    func retire() async {
        retired.store(true, ordering: .relaxed)
        hand.inherited(partition)
        hand.waitsNoMore(partition)
        wake()
        await bell.cut()
    }

    /// Returns once it may take no more and everything of its partition that was in hand has ended.
    func run() async {
        let (reconciles, reconcileSoon) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let alarm = Alarm { self.wake() }
        var loop = WorkerLoop(part: self, alarm: alarm, reconcileSoon: { reconcileSoon.yield() })
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await alarm.run() }
            group.addTask { await self.handling.settler.run() }
            group.addTask { await self.beat() }
            group.addTask { for await _ in reconciles { await self.worker.reconcile(self.partition) } }
            wake()
            await loop.run(wakeUps)
            group.cancelAll()
        }
        rounds.left(partition)
        if retired.load(ordering: .relaxed) { contact.end() }
    }

    /// Renews what is in hand, at each beat.
    private func beat() async {
        while (try? await Task.sleep(for: worker.settings.beat)) != nil {
            let deliveries = hand.deliveries(of: partition)
            guard !deliveries.isEmpty else { continue }
            do throws(QueueError) {
                let renewed = try await queue.renew(deliveries, owner: worker.owner)
                contact.answered()
                for (delivery, renewed) in zip(deliveries, renewed) where !renewed {
                    if hand.context(of: delivery)?.lose() == true { worker.report(.lost(delivery)) }
                }
            } catch {
                contact.failed(error)
            }
        }
    }
}
