import Synchronization

/// What a handler can ask of, and learn about, the worker that runs it.
public final class DeliveryContext: Sendable {
    private struct State {
        var interruption: Interruption?
        var isLost = false
        var suspicion: (@Sendable () async -> Void)?
    }

    /// A handler's task. Unchecked because `cancel()` is one of the few things that any task may do to another through
    /// this handle, as long as that one exists; it is taken out of `handler`, under the lock, before its task ends.
    private struct Handler: @unchecked Sendable {
        let task: UnsafeCurrentTask
    }

    private let state = Mutex(State())
    private let handler = Mutex<Handler?>(nil)
    private let key: Hand.Key
    private let hand: Hand

    init(_ delivery: Delivery, in hand: Hand) {
        (key, self.hand) = (Hand.Key(delivery), hand)
    }

    /// Why the handler's task was cancelled; nil while it wasn't, or when the whole worker was cancelled.
    public var interruption: Interruption? { state.withLock(\.interruption) }

    /// Whether Redis has given the delivery to another worker, or forgotten it. That is no reason to stop.
    public var isLost: Bool { state.withLock(\.isLost) }

    /// Runs `body` while this worker does nothing else: for a delivery that has killed a process before.
    ///
    /// Nothing more is fetched; once all other deliveries in hand have ended, or wait to be alone themselves, `body` runs.
    /// The time limit counts anew from then.
    ///
    /// - Throws: `CancellationError` when the handler is cancelled while it waits; else what `body` throws.
    public func alone<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        try await hand.waitToBeAlone(key)
        defer { hand.endBeingAlone(key) }
        return try await body()
    }

    /// Says that the delivery has reached its beginning: from here on, whoever keeps the truth counts its failures. A
    /// handler that never says so has its deliveries taken for poison when workers die with them again and again; and what
    /// was a dead worker's keeps this one from fetching until it has said so, asked to be ``alone(_:)``, or ended.
    public func begun() async {
        hand.decide(key)
        let suspicion = state.withLock { state in
            defer { state.suspicion = nil }
            return state.suspicion
        }
        await suspicion?()
    }

    /// Says that the handler's work is done and only its commit is left: the time limit counts no more, however long the
    /// commit has to wait.
    public func endWork() { hand.endWork(key) }

    /// Runs a suspect alone until it has begun, or to its end.
    ///
    /// - Parameter begun: is called when it says that it has begun.
    func suspected(
        _ body: () async throws -> Disposition, begun: @escaping @Sendable () async -> Void
    ) async throws -> Disposition {
        try await hand.waitToBeAlone(key)
        state.withLock { state in
            state.suspicion = { [hand, key] in
                hand.endBeingAlone(key)
                await begun()
            }
        }
        defer { if state.withLock({ $0.suspicion != nil }) { hand.endBeingAlone(key) } }
        return try await body()
    }

    /// Runs the handler such that ``interrupt(_:)`` cancels this task.
    func interruptible(_ body: () async -> Disposition) async -> Disposition {
        withUnsafeCurrentTask { task in handler.withLock { $0 = task.map { Handler(task: $0) } } }
        defer { handler.withLock { $0 = nil } }
        if interruption != nil { cancelHandler() }
        return await body()
    }

    /// Cancels the handler, for the first reason given.
    func interrupt(_ reason: Interruption) {
        let isFirst = state.withLock { state in
            guard state.interruption == nil else { return false }
            state.interruption = reason
            return true
        }
        if isFirst { cancelHandler() }
    }

    private func cancelHandler() { handler.withLock { $0?.task.cancel() } }

    /// Answers whether this is news.
    func lose() -> Bool {
        state.withLock { state in
            defer { state.isLost = true }
            return !state.isLost
        }
    }
}
