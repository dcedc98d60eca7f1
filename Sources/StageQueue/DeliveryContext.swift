import Synchronization

/// What a handler can ask of, and learn about, the worker that runs it.
public final class DeliveryContext: Sendable {
    private struct State {
        var interruption: Interruption?
        var isLost = false
    }
    private let state = Mutex(State())
    private let key: Hand.Key
    private let hand: Hand
    private let interruptions: AsyncStream<Interruption>.Continuation
    /// Each interruption, once; ends when the delivery has left the hand.
    let interrupted: AsyncStream<Interruption>

    init(_ delivery: Delivery, in hand: Hand) {
        (key, self.hand) = (Hand.Key(delivery), hand)
        (interrupted, interruptions) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
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

    /// Says that the handler's work is done and only its commit is left: the time limit counts no more, however long the
    /// commit has to wait.
    public func endWork() { hand.endHandling(key) }

    /// Cancels the handler, for the first reason given.
    func interrupt(_ reason: Interruption) {
        let isFirst = state.withLock { state in
            guard state.interruption == nil else { return false }
            state.interruption = reason
            return true
        }
        if isFirst { interruptions.yield(reason) }
    }

    /// Answers whether this is news.
    func lose() -> Bool {
        state.withLock { state in
            defer { state.isLost = true }
            return !state.isLost
        }
    }
}
