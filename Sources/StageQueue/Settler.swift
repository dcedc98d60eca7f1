import Synchronization

/// Tells Redis how deliveries ended, many at a time: what ends while one script is under way goes into the next.
///
/// While Redis is away it waits and tries again, until ``loseProspects()``.
final class Settler: Sendable {
    private struct Waiting {
        let ending: Ending
        /// Gets nil when Redis never heard of it.
        let continuation: CheckedContinuation<FinishOutcome?, Never>
    }
    private struct State {
        var waiting: [Waiting] = []
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
    private let arrivals: AsyncStream<Void>
    private let arrived: AsyncStream<Void>.Continuation

    init(queue: StageQueue, owner: Owner, contact: RedisContact, spread: @escaping @Sendable () -> Double) {
        (self.queue, self.owner, self.contact, self.spread) = (queue, owner, contact, spread)
        (arrivals, arrived) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Returns what became of it; nil when Redis refused it, or could not be told before the worker stopped.
    func settle(_ ending: Ending) async -> FinishOutcome? {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if state.isOpen { state.waiting.append(Waiting(ending: ending, continuation: continuation)) }
                return state.isOpen
            }
            if isOpen { arrived.yield() } else { continuation.resume(returning: nil) }
        }
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
        for waiting in left { waiting.continuation.resume(returning: nil) }
    }

    private func takeBatch() -> [Waiting] {
        state.withLock { state in
            let batch = Array(state.waiting.prefix(StageQueue.elementsInOneBatch))
            state.waiting.removeFirst(batch.count)
            return batch
        }
    }

    private func tell(_ batch: [Waiting]) async {
        var backoff = Backoff()
        while true {
            do throws(QueueError) {
                let outcomes = try await queue.finish(batch.map(\.ending), owner: owner)
                contact.answered()
                for (waiting, outcome) in zip(batch, outcomes) { waiting.continuation.resume(returning: outcome) }
                return
            } catch {
                // One ending that Redis refuses must not hold back the others.
                if error.code == .refused, batch.count > 1 {
                    for waiting in batch { await tell([waiting]) }
                    return
                }
                let mayHelp = contact.failed(error)
                if !mayHelp || Task.isCancelled || !state.withLock(\.isPatient) {
                    for waiting in batch { waiting.continuation.resume(returning: nil) }
                    return
                }
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
