import Redis
import Synchronization

/// What one worker holds: who may be fetched for, what must be renewed, who is over time, and who must be alone.
///
/// A delivery takes a slot until its handler has returned, and stays in hand until Redis has heard how it ended, so that
/// it is renewed until then.
final class Hand: Sendable {
    struct Key: Hashable {
        let partition: Int, priority: UInt8, milliseconds: UInt64, sequence: UInt64
        init(_ delivery: Delivery) {
            partition = delivery.partition
            priority = delivery.priority.code
            (milliseconds, sequence) = (delivery.entryID.milliseconds, delivery.entryID.sequence)
        }

        /// Of the entry's id alone, as one number: each delivery is looked up several times, and ids hardly ever meet.
        func hash(into hasher: inout Hasher) { hasher.combine(milliseconds << 20 ^ sequence) }
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
        /// Those taken from a dead worker that have neither begun nor asked to be alone. Nothing is fetched meanwhile, or
        /// it would be what they wait for when they must be alone.
        var undecided: Set<Key> = []
        /// The partitions that have not been asked yet for what a dead predecessor left. Nothing else is fetched meanwhile.
        var inheriting: Set<Int> = []
        /// How many fetches are under way, and how many slots they may fill.
        var fetches = 0
        var reserved = 0
        /// Who could not fetch for want of a slot, in the order to be called.
        var hungry: [(partition: Int, call: @Sendable () -> Void)] = []
        var waiting: [(key: Key, continuation: CheckedContinuation<Bool, Never>)] = []
        /// Who is alone, and how many asked for that on its behalf and have not ended it.
        var alone: (key: Key, asked: Int)?

        /// Answers whether this was the last that was undecided.
        mutating func decide(_ key: Key) -> Bool {
            !undecided.isEmpty && undecided.remove(key) != nil && undecided.isEmpty
        }

        /// The first that waits, once nothing else runs or is being fetched.
        mutating func admitAlone() -> (key: Key, continuation: CheckedContinuation<Bool, Never>)? {
            guard alone == nil, fetches == 0, !waiting.isEmpty, running == waiting.count else { return nil }
            let first = waiting.removeFirst()
            alone = (first.key, 1)
            return first
        }

        /// Of so many slots, those that may be filled from a partition.
        func free(of slots: Int, for partition: Int) -> Int {
            guard alone == nil, waiting.isEmpty, undecided.isEmpty,
                inheriting.isEmpty || inheriting.contains(partition)
            else { return 0 }
            return holdings.count - running < Hand.mostUnsettled ? max(0, slots - running - reserved) : 0
        }
    }

    private let state = Mutex(State())
    private let slots: Int
    private let timeLimit: Duration
    private let hush: @Sendable () async -> Void
    private let wake: @Sendable () -> Void
    private let clock = ContinuousClock()

    /// So many may wait for Redis to hear of their end before nothing more is fetched.
    static let mostUnsettled = 8_192

    /// - Parameters:
    ///   - wake: makes the loops come round; called when they may fetch again.
    ///   - hush: ends fetches that wait for something to come; called for whoever must be alone.
    init(
        slots: Int, timeLimit: Duration, wake: @escaping @Sendable () -> Void = {},
        hush: @escaping @Sendable () async -> Void = {}
    ) {
        (self.slots, self.timeLimit, self.wake, self.hush) = (slots, timeLimit, wake, hush)
    }

    var deliveries: [Delivery] { state.withLock { $0.holdings.values.map(\.delivery) } }

    var isEmpty: Bool { state.withLock { $0.holdings.isEmpty } }

    /// Whether nothing that was a dead worker's may still ask to be alone.
    var isDecided: Bool {
        state.withLock { state in
            state.inheriting.isEmpty && state.undecided.isEmpty && state.waiting.isEmpty && state.alone == nil
        }
    }

    func deliveries(of partition: Int) -> [Delivery] { deliveries.filter { $0.partition == partition } }

    func holdsNothing(of partition: Int) -> Bool {
        state.withLock { state in !state.holdings.keys.contains { $0.partition == partition } }
    }

    /// How many may be fetched from a partition; zero when all slots are taken, or may be by a fetch from another, or one must
    /// be alone. ``endFetch(_:)`` must follow.
    ///
    /// - Parameter call: after an answer of zero it is called when there is room again, in the partition's turn. Nil: the
    ///   partition has no others to take turns with.
    func beginFetch(for partition: Int = 0, calling call: (@Sendable () -> Void)? = nil) -> Int {
        state.withLock { state in
            state.fetches += 1
            let free = state.free(of: slots, for: partition)
            state.reserved += free
            if free > 0 || call == nil {
                if !state.hungry.isEmpty { state.hungry.removeAll { $0.partition == partition } }
            } else if let call, !state.hungry.contains(where: { $0.partition == partition }) {
                state.hungry.append((partition, call))
            }
            return free
        }
    }

    /// A partition that can't use a slot for now is not called to one: the next in turn is.
    func waitsNoMore(_ partition: Int) { admitting { $0.hungry.removeAll { $0.partition == partition } } }

    /// - Parameter free: what ``beginFetch(for:calling:)`` answered.
    func endFetch(_ free: Int) {
        admitting { state in
            state.fetches -= 1
            state.reserved -= free
        }
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
    func decide(_ key: Key) { if state.withLock({ $0.decide(key) }) { wake() } }

    /// These partitions may have what a dead predecessor left: until each has ``inherited(_:)``, nothing else is fetched.
    func inherits(from partitions: Set<Int>) { state.withLock { $0.inheriting.formUnion(partitions) } }

    /// What the predecessor left in this partition is in hand, as far as there are slots; or it can't be asked now.
    func inherited(_ partition: Int) {
        let isLast = state.withLock { $0.inheriting.remove(partition) != nil && $0.inheriting.isEmpty }
        if isLast { wake() }
    }

    /// The work is done: the time limit is over, but the handler may still commit.
    func endWork(_ key: Key) { state.withLock { $0.holdings[key]?.deadline = nil } }

    /// The handler has returned: its slot is free, but it stays in hand.
    func endHandling(_ delivery: Delivery) {
        let key = Key(delivery)
        var isLast = false
        admitting { state in
            isLast = state.decide(key)
            guard let index = state.holdings.index(forKey: key), !state.holdings.values[index].isHandled else { return }
            state.holdings.values[index].isHandled = true
            state.holdings.values[index].deadline = nil
            state.running -= 1
        }
        if isLast { wake() }
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

    /// Changes the state, and then lets one be alone if it can be, or calls who waits for a slot.
    private func admitting(_ change: (inout State) -> Void) {
        typealias Admitted = (key: Key, continuation: CheckedContinuation<Bool, Never>)
        let (admitted, call): (Admitted?, (@Sendable () -> Void)?) = state.withLock { state in
            change(&state)
            let admitted = state.admitAlone()
            if let admitted { state.holdings[admitted.key]?.deadline = clock.now + timeLimit }
            // One at a time: it calls the next, should it leave any room.
            let next = state.hungry.firstIndex { state.free(of: slots, for: $0.partition) > 0 }
            return (admitted, next.map { state.hungry.remove(at: $0).call })
        }
        admitted?.continuation.resume(returning: true)
        call?()
    }
}
