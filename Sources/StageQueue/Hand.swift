import Redis
import Synchronization

/// What one worker holds: who may be fetched for, what must be renewed, who is over time, and who must be alone.
///
/// A delivery takes a slot until its handler has returned, and stays in hand until Redis has heard how it ended, so that
/// it is renewed until then.
final class Hand: Sendable {
    struct Key: Hashable {
        let priority: UInt8, milliseconds: UInt64, sequence: UInt64
        init(_ delivery: Delivery) {
            priority = delivery.priority.code
            (milliseconds, sequence) = (delivery.entryID.milliseconds, delivery.entryID.sequence)
        }
    }

    private struct Holding {
        let delivery: Delivery
        let context: DeliveryContext
        var isHandled = false
        /// Nil while it waits to be alone, and once its work is done.
        var deadline: ContinuousClock.Instant?
    }

    private struct State {
        var holdings: [Key: Holding] = [:]
        /// How many of them have a handler that has not returned.
        var running = 0
        var isFetching = false
        /// Those taken from a dead worker that have neither begun nor asked to be alone. Nothing is fetched meanwhile, or
        /// it would be what they wait for when they must be alone.
        var undecided: Set<Key> = []
        var waiting: [(key: Key, continuation: CheckedContinuation<Bool, Never>)] = []
        /// Who is alone, and how many asked for that on its behalf and have not ended it.
        var alone: (key: Key, asked: Int)?

        /// The first that waits, once nothing else runs or is being fetched.
        mutating func admitAlone() -> (key: Key, continuation: CheckedContinuation<Bool, Never>)? {
            guard alone == nil, !isFetching, !waiting.isEmpty, running == waiting.count else { return nil }
            let first = waiting.removeFirst()
            alone = (first.key, 1)
            return first
        }
    }

    private let state = Mutex(State())
    private let slots: Int
    private let timeLimit: Duration
    private let hush: @Sendable () async -> Void
    private let wake: @Sendable () -> Void
    private let clock = ContinuousClock()

    /// So many may wait for Redis to hear of their end before nothing more is fetched.
    private static let mostUnsettled = 8_192

    /// - Parameters:
    ///   - wake: makes the loop come round; called when it may fetch again.
    ///   - hush: ends a fetch that waits for something to come; called for whoever must be alone.
    init(
        slots: Int, timeLimit: Duration, wake: @escaping @Sendable () -> Void = {},
        hush: @escaping @Sendable () async -> Void = {}
    ) {
        (self.slots, self.timeLimit, self.wake, self.hush) = (slots, timeLimit, wake, hush)
    }

    var deliveries: [Delivery] { state.withLock { $0.holdings.values.map(\.delivery) } }

    var isEmpty: Bool { state.withLock { $0.holdings.isEmpty } }

    /// Whether nothing that was a dead worker's may still ask to be alone.
    var isDecided: Bool { state.withLock { $0.undecided.isEmpty && $0.waiting.isEmpty && $0.alone == nil } }

    /// How many may be fetched; zero when all slots are taken, or one must be alone. ``endFetch()`` must follow.
    func beginFetch() -> Int {
        state.withLock { state in
            state.isFetching = true
            guard state.alone == nil, state.waiting.isEmpty, state.undecided.isEmpty else { return 0 }
            return state.holdings.count - state.running < Self.mostUnsettled ? max(0, slots - state.running) : 0
        }
    }

    func endFetch() {
        admitting { $0.isFetching = false }
    }

    /// Puts deliveries in hand, and answers a context for each; nil where it already is.
    ///
    /// - Parameter reclaimed: they were a dead worker's, and may have to be alone.
    func take(_ deliveries: [Delivery], reclaimed: Bool = false) -> [DeliveryContext?] {
        let contexts = deliveries.map { DeliveryContext($0, in: self) }
        let deadline = clock.now + timeLimit
        return state.withLock { state in
            zip(deliveries, contexts).map { delivery, context in
                let key = Key(delivery)
                guard state.holdings[key] == nil else { return nil }
                state.holdings[key] = Holding(delivery: delivery, context: context, deadline: deadline)
                state.running += 1
                if reclaimed { state.undecided.insert(key) }
                return context
            }
        }
    }

    /// It has begun, or ended: it needs not be alone.
    func decide(_ key: Key) {
        let isLast = state.withLock { $0.undecided.remove(key) != nil && $0.undecided.isEmpty }
        if isLast { wake() }
    }

    /// The work is done: the time limit is over, but the handler may still commit.
    func endWork(_ key: Key) { state.withLock { $0.holdings[key]?.deadline = nil } }

    /// The handler has returned: its slot is free, but it stays in hand.
    func endHandling(_ delivery: Delivery) {
        let key = Key(delivery)
        decide(key)
        admitting { state in
            guard let index = state.holdings.index(forKey: key), !state.holdings.values[index].isHandled else { return }
            state.holdings.values[index].isHandled = true
            state.holdings.values[index].deadline = nil
            state.running -= 1
        }
    }

    func letGo(_ deliveries: some Sequence<Delivery>) {
        admitting { state in
            for delivery in deliveries {
                if let holding = state.holdings.removeValue(forKey: Key(delivery)), !holding.isHandled {
                    state.running -= 1
                }
            }
        }
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
            guard state.running > 0 else { return [] }
            return state.holdings.values.filter { holding in holding.deadline.map { $0 <= then } ?? false }
        }
    }

    func waitToBeAlone(_ key: Key) async throws(CancellationError) {
        let isAlone = await withTaskCancellationHandler {
            await hush()
            return await withCheckedContinuation { continuation in
                admitting { state in
                    if let alone = state.alone, alone.key == key {
                        state.alone = (key, alone.asked + 1)
                        return continuation.resume(returning: true)
                    }
                    // The cancellation handler may have run before there was anything to cancel.
                    guard !Task.isCancelled, state.holdings[key] != nil else {
                        return continuation.resume(returning: false)
                    }
                    state.holdings[key]?.deadline = nil
                    state.undecided.remove(key)
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
            guard let alone = state.alone, alone.key == key else { return }
            state.alone = alone.asked > 1 ? (key, alone.asked - 1) : nil
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
