import NIOCore
import Synchronization

/// Something that one at a time does for all who want it at that moment.
final class Coalesced<Failure: Error>: Sendable {
    enum Outcome {
        case done(Failure?)
        /// The waiting task was cancelled; the work goes on.
        case cancelled
    }

    private struct State {
        var isUnderWay = false
        var last: (ended: NIODeadline, failure: Failure?)?
        var waiters: [Int: CheckedContinuation<Outcome, Never>] = [:]
        var nextWaiter = 0
    }

    private let state = Mutex(State())
    private let interval: TimeAmount

    /// - Parameter interval: what ended less than this ago is not done again: its outcome stands.
    init(interval: TimeAmount) {
        self.interval = interval
    }

    /// Has the work done, unless it is under way.
    func start(_ work: @escaping @Sendable () async -> Failure?) {
        let isMine = state.withLock { state in
            if state.isUnderWay || isFresh(state) { return false }
            state.isUnderWay = true
            return true
        }
        if isMine { run(work) }
    }

    /// As ``start(_:)``, and waits for the outcome.
    func join(_ work: @escaping @Sendable () async -> Failure?) async -> Outcome {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (answer, isMine): (Outcome?, Bool) = state.withLock { state in
                    if Task.isCancelled { return (.cancelled, false) }
                    if !state.isUnderWay, isFresh(state) { return (.done(state.last?.failure), false) }
                    state.waiters[id] = continuation
                    defer { state.isUnderWay = true }
                    return (nil, !state.isUnderWay)
                }
                if let answer { continuation.resume(returning: answer) }
                if isMine { run(work) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume(returning: .cancelled)
        }
    }

    private func isFresh(_ state: State) -> Bool {
        state.last.map { .now() - $0.ended < interval } ?? false
    }

    private func run(_ work: @escaping @Sendable () async -> Failure?) {
        // A task of its own: whoever happened to ask first may be cancelled, and the others must not be.
        Task {
            let failure = await work()
            let waiters = state.withLock { state in
                state.isUnderWay = false
                state.last = (.now(), failure)
                defer { state.waiters = [:] }
                return state.waiters.values
            }
            for waiter in waiters { waiter.resume(returning: .done(failure)) }
        }
    }
}
