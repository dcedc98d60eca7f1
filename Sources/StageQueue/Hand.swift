import Redis
import Synchronization

/// What one worker holds: who may be fetched for, what must be renewed, who is over time, and who must be alone.
///
/// Every delivery stays in hand until Redis has heard how it ended, so that it is renewed until then.
final class Hand: Sendable {
    struct Key: Hashable {
        let stage: Stage, priority: Priority, entryID: StreamEntryID
        init(_ delivery: Delivery) {
            (stage, priority, entryID) = (delivery.stage, delivery.priority, delivery.entryID)
        }
    }

    private struct Holding {
        let delivery: Delivery
        let context: DeliveryContext
        /// Nil while it waits to be alone, and once its handler has returned.
        var deadline: ContinuousClock.Instant?
    }

    private struct State {
        var holdings: [Key: Holding] = [:]
        var isFetching = false
        var waiting: [(key: Key, continuation: CheckedContinuation<Bool, Never>)] = []
        var alone: Key?

        /// The first that waits, once nothing else runs or is being fetched.
        mutating func admitAlone() -> (key: Key, continuation: CheckedContinuation<Bool, Never>)? {
            guard alone == nil, !isFetching, !waiting.isEmpty, holdings.count == waiting.count else { return nil }
            let first = waiting.removeFirst()
            alone = first.key
            return first
        }
    }

    private let state = Mutex(State())
    private let slots: Int
    private let timeLimit: Duration
    private let clock = ContinuousClock()

    init(slots: Int, timeLimit: Duration) { (self.slots, self.timeLimit) = (slots, timeLimit) }

    var deliveries: [Delivery] { state.withLock { $0.holdings.values.map(\.delivery) } }

    /// How many may be fetched; zero when all slots are taken, or one must be alone. ``endFetch()`` must follow.
    func beginFetch() -> Int {
        state.withLock { state in
            state.isFetching = true
            return state.alone == nil && state.waiting.isEmpty ? max(0, slots - state.holdings.count) : 0
        }
    }

    func endFetch() {
        admitting { $0.isFetching = false }
    }

    /// Puts a delivery in hand; nil when it already is.
    func take(_ delivery: Delivery) -> DeliveryContext? {
        let context = DeliveryContext(delivery, in: self)
        return state.withLock { state in
            let key = Key(delivery)
            guard state.holdings[key] == nil else { return nil }
            state.holdings[key] = Holding(delivery: delivery, context: context, deadline: clock.now + timeLimit)
            return context
        }
    }

    /// The handler has returned: its time limit is over, but it stays in hand.
    func endHandling(_ delivery: Delivery) { endHandling(Key(delivery)) }

    func endHandling(_ key: Key) { state.withLock { $0.holdings[key]?.deadline = nil } }

    func letGo(_ delivery: Delivery) {
        admitting { $0.holdings[Key(delivery)] = nil }
    }

    func context(of delivery: Delivery) -> DeliveryContext? {
        state.withLock { $0.holdings[Key(delivery)]?.context }
    }

    func interruptAll(_ reason: Interruption) {
        for context in state.withLock({ $0.holdings.values.map(\.context) }) { context.interrupt(reason) }
    }

    /// Interrupts what is over its time limit.
    func interruptOverdue() {
        for holding in overdue(by: .zero) { holding.context.interrupt(.timeLimit) }
    }

    /// Whether a handler has been over its time limit for longer than this: it ignores its cancellation.
    func isStuck(patience: Duration) -> Bool { !overdue(by: patience).isEmpty }

    private func overdue(by excess: Duration) -> [Holding] {
        let then = clock.now - excess
        return state.withLock { state in
            state.holdings.values.filter { holding in holding.deadline.map { $0 <= then } ?? false }
        }
    }

    func waitToBeAlone(_ key: Key) async throws(CancellationError) {
        let isAlone = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                admitting { state in
                    // The cancellation handler may have run before there was anything to cancel.
                    guard !Task.isCancelled, state.holdings[key] != nil else {
                        return continuation.resume(returning: false)
                    }
                    state.holdings[key]?.deadline = nil
                    state.waiting.append((key, continuation))
                }
            }
        } onCancel: {
            let waiting = state.withLock { state -> CheckedContinuation<Bool, Never>? in
                guard let index = state.waiting.firstIndex(where: { $0.key == key }) else { return nil }
                return state.waiting.remove(at: index).continuation
            }
            waiting?.resume(returning: false)
        }
        if !isAlone { throw CancellationError() }
    }

    func endBeingAlone(_ key: Key) {
        admitting { state in
            if state.alone == key { state.alone = nil }
        }
    }

    /// Changes the state, and then lets one be alone if it can be.
    private func admitting(_ change: (inout State) -> Void) {
        let admitted = state.withLock { state in
            change(&state)
            let admitted = state.admitAlone()
            if let admitted { state.holdings[admitted.key]?.deadline = clock.now + timeLimit }
            return admitted
        }
        admitted?.continuation.resume(returning: true)
    }
}
