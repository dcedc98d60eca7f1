import Synchronization

/// Ends a call that has gone silent, or has lasted too long.
final class Pulse: Sendable {
    private struct State {
        var last: ContinuousClock.Instant
        /// How long nothing may happen from now on.
        var patience: Duration
        var bytes: Int64 = 0
    }

    private let state: Mutex<State>
    private let deadline: ContinuousClock.Instant
    private let limit: Duration

    init(_ call: HTTPCall) {
        let now = ContinuousClock.now
        state = Mutex(State(last: now, patience: call.body.count > 0 ? call.idleTimeout : call.headTimeout))
        (deadline, limit) = (now + call.timeout, call.timeout)
    }

    /// Something moved: `bytes` of the request's body went out.
    func beat(sent bytes: Int = 0, patience: Duration) -> Int64 {
        state.withLock {
            $0.last = .now
            $0.patience = patience
            $0.bytes += Int64(bytes)
            return $0.bytes
        }
    }

    /// Returns why the call has to end, once it has to.
    func stopped() async throws -> String {
        while true {
            let (last, patience) = state.withLock { ($0.last, $0.patience) }
            let due = min(last + patience, deadline)
            if due <= .now {
                return due == deadline ? "it was not done within \(limit)" : "nothing came for \(patience)"
            }
            try await Task.sleep(until: due, clock: .continuous)
        }
    }
}
