import Synchronization

/// Whether a partition's Redis answers, gathered from all of a worker's calls; tells the worker's events when that changes.
final class RedisContact: Sendable {
    private struct State {
        var steadiness: Steadiness
        var lost: ContinuousClock.Instant?
    }
    private let state: Mutex<State>
    private let clock = ContinuousClock()
    private let partition: Int
    private let report: @Sendable (WorkerEvent) -> Void

    init(partition: Int = 0, tolerance: Duration, report: @escaping @Sendable (WorkerEvent) -> Void) {
        state = Mutex(State(steadiness: Steadiness(tolerance: tolerance)))
        (self.partition, self.report) = (partition, report)
    }

    func answered(redisNow: Int64? = nil) {
        let now = clock.now
        let lost = state.withLock { state in
            state.steadiness.answered(at: now, redisNow: redisNow)
            defer { state.lost = nil }
            return state.lost
        }
        if let lost { report(.redisBack(after: lost.duration(to: now), partition: partition)) }
    }

    /// The partition is no more: that it was away is no trouble any longer.
    func end() {
        let lost = state.withLock { state in
            defer { state.lost = nil }
            return state.lost
        }
        if let lost { report(.redisBack(after: lost.duration(to: clock.now), partition: partition)) }
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
            if isNews { report(.redisLost(error, partition: partition)) }
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
