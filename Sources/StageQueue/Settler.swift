import Synchronization

/// A delivery whose handler has returned.
struct Handled: Sendable {
    let ending: Ending
    let began: ContinuousClock.Instant
}

/// Tells Redis how deliveries ended, many at a time: what ends while one script is under way goes into the next.
///
/// While Redis is away it waits and tries again, until ``loseProspects()``.
final class Settler: Sendable {
    private struct State {
        var waiting: [Handled] = []
        var isOpen = true
        var isPatient = true
        /// Ends the present sleep.
        var alarm: AsyncStream<Void>.Continuation?
    }

    private let state = Mutex(State())
    private let queue: StageQueue
    private let owner: Owner
    private let contact: RedisContact
    private let spread: @Sendable () -> Double
    private let settled: @Sendable ([Handled], [FinishOutcome]?) -> Void
    private let arrivals: AsyncStream<Void>
    private let arrived: AsyncStream<Void>.Continuation

    /// - Parameter settled: hears what became of them, one each in order; nil when Redis refused them, or could not be told
    ///   before the worker stopped.
    init(
        queue: StageQueue, owner: Owner, contact: RedisContact, spread: @escaping @Sendable () -> Double,
        settled: @escaping @Sendable ([Handled], [FinishOutcome]?) -> Void
    ) {
        (self.queue, self.owner, self.contact, self.spread) = (queue, owner, contact, spread)
        self.settled = settled
        (arrivals, arrived) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func settle(_ handled: Handled) {
        let (isOpen, isFirst) = state.withLock { state in
            if state.isOpen { state.waiting.append(handled) }
            return (state.isOpen, state.waiting.count == 1)
        }
        if !isOpen { settled([handled], nil) } else if isFirst { arrived.yield() }
    }

    /// From now on each ending is tried once more, and given up when Redis can't be reached.
    func loseProspects() {
        state.withLock { state in
            state.isPatient = false
            state.alarm?.finish()
        }
    }

    /// Works until cancelled; then everything that waits, or comes later, is given up.
    func run() async {
        for await _ in arrivals {
            while case let batch = takeBatch(), !batch.isEmpty { await tell(batch) }
        }
        let left = state.withLock { state in
            state.isOpen = false
            defer { state.waiting = [] }
            return state.waiting
        }
        if !left.isEmpty { settled(left, nil) }
    }

    private func takeBatch() -> [Handled] {
        state.withLock { state in
            if state.waiting.count <= StageQueue.elementsInOneBatch {
                defer { state.waiting = [] }
                return state.waiting
            }
            let batch = Array(state.waiting.prefix(StageQueue.elementsInOneBatch))
            state.waiting.removeFirst(batch.count)
            return batch
        }
    }

    private func tell(_ batch: [Handled]) async {
        var backoff = Backoff()
        while true {
            do throws(QueueError) {
                let outcomes = try await queue.finish(batch.map(\.ending), owner: owner)
                contact.answered()
                return settled(batch, outcomes)
            } catch {
                // One ending that Redis refuses must not hold back the others.
                if error.code == .refused, batch.count > 1 {
                    for handled in batch { await tell([handled]) }
                    return
                }
                let mayHelp = contact.failed(error)
                if !mayHelp || Task.isCancelled || !state.withLock(\.isPatient) { return settled(batch, nil) }
                await sleepUnlessImpatient(backoff.next(spread: spread()))
            }
        }
    }

    private func sleepUnlessImpatient(_ duration: Duration) async {
        let (alarms, alarm) = AsyncStream.makeStream(of: Void.self)
        let isPatient = state.withLock { state in
            state.alarm = alarm
            return state.isPatient
        }
        guard isPatient else { return }
        await withTaskGroup { group in
            group.addTask { try? await Task.sleep(for: duration) }
            group.addTask { for await _ in alarms {} }
            await group.next()
            group.cancelAll()
        }
    }
}
