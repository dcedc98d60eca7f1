/// What happens to each delivery from the moment it is in hand: its handler runs, and Redis is told how it ended.
final class Handling: Sendable {
    let worker: StageWorker
    private let queue: StageQueue
    let hand: Hand
    let settler: Settler
    private let contact: RedisContact
    private let clock = ContinuousClock()

    init(
        worker: StageWorker, queue: StageQueue, hand: Hand, contact: RedisContact, wake: @escaping @Sendable () -> Void
    ) {
        (self.worker, self.queue, self.hand, self.contact) = (worker, queue, hand, contact)
        let clock = clock
        settler = Settler(queue: queue, owner: worker.owner, contact: contact, spread: worker.spread) {
            handled, outcomes in
            hand.letGo(handled.lazy.map(\.ending.delivery))
            let now = clock.now
            for (index, handled) in handled.enumerated() {
                let (delivery, disposition) = (handled.ending.delivery, handled.ending.disposition)
                if let outcomes {
                    let owned = outcomes[index].owned
                    worker.report(.ended(delivery, disposition, owned: owned, after: handled.began.duration(to: now)))
                } else {
                    worker.report(.unsettled(delivery, disposition))
                }
            }
            wake()
        }
    }

    /// Returns when the handler has; the end is told to Redis after that.
    func work(on delivery: Delivery, _ context: DeliveryContext, since began: ContinuousClock.Instant) async {
        let disposition: Disposition
        if worker.drain.position == .running {
            worker.report(.started(delivery))
            disposition = await context.interruptible {
                delivery.timesDelivered <= StageQueue.handsBeforeSuspicion
                    ? await worker.handler.handle(delivery, context) : await handleSuspect(delivery, context)
            }
        } else {
            // It came with the answer to a fetch that was under way when the worker began to drain.
            disposition = .released
        }
        hand.endHandling(delivery)
        settler.settle(Handled(ending: Ending(delivery, disposition), began: began))
    }

    /// Has it run alone until it says that it has begun; the count in Redis outlives this process if that dies first.
    private func handleSuspect(_ delivery: Delivery, _ context: DeliveryContext) async -> Disposition {
        do {
            return try await context.suspected {
                let deaths = try await queue.suspect(delivery)
                return deaths < StageQueue.lonelyDeathsBeforeBurial
                    ? await worker.handler.handle(delivery, context) : await worker.handler.bury(delivery, context)
            } begun: { [self] in
                do throws(QueueError) {
                    try await queue.clear(delivery)
                } catch {
                    // Told too late at worst: its end clears it as well.
                    contact.failed(error)
                }
            }
        } catch {
            if let error = error as? QueueError { contact.failed(error) }
            return .released
        }
    }
}
