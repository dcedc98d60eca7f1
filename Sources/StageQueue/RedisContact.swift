import Synchronization

/// Whether a worker's Redis answers, gathered from all its calls; tells the worker's events when that changes.
final class RedisContact: Sendable {
    private struct State {
        var steadiness: Steadiness
        var lost: ContinuousClock.Instant?
    }
    private let state: Mutex<State>
    private let clock = ContinuousClock()
    private let report: @Sendable (WorkerEvent) -> Void

    init(tolerance: Duration, report: @escaping @Sendable (WorkerEvent) -> Void) {
        state = Mutex(State(steadiness: Steadiness(tolerance: tolerance)))
        self.report = report
    }

    func answered(redisNow: Int64? = nil) {
        let now = clock.now
        let lost = state.withLock { state in
            state.steadiness.answered(at: now, redisNow: redisNow)
            defer { state.lost = nil }
            return state.lost
        }
        if let lost { report(.redisBack(after: lost.duration(to: now))) }
    }

    /// Answers whether trying again can help.
    @discardableResult
    func failed(_ error: QueueError) -> Bool {
        switch error.code {
        case .unreachable:
            let isNews = state.withLock { state in
                state.steadiness.failed()
                defer { state.lost = state.lost ?? clock.now }
                return state.lost == nil
            }
            if isNews { report(.redisLost(error)) }
            return true
        case .cancelled:
            return false
        case .full, .refused, .unexpectedReply, .invalidTopology:
            report(.failed(error))
            return false
        }
    }

    func isSteady(for length: Duration) -> Bool {
        state.withLock { $0.steadiness.isSteady(for: length, at: clock.now) }
    }
}
