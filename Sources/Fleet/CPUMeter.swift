import Synchronization

/// Shares the process' CPU time among the attempts that run in it: between any two changes, in equal parts. Exact for a
/// worker with one slot, fair for others.
package final class CPUMeter: Sendable {
    private struct State {
        var last: Duration
        /// What one that is always under way would have had so far.
        var share: Duration = .zero
        /// What the share was when each began.
        var begun: [Int: Duration] = [:]
        var next = 0
    }

    private let state: Mutex<State>
    private let clock: @Sendable () -> Duration

    package init(clock: @escaping @Sendable () -> Duration = processCPUTime) {
        self.clock = clock
        state = Mutex(State(last: clock()))
    }

    /// Begins a measurement; `stop` ends it.
    package func start() -> Int {
        state.withLock { state in
            Self.share(clock(), &state)
            state.next += 1
            state.begun[state.next] = state.share
            return state.next
        }
    }

    /// What the measurement's share was.
    package func stop(_ measurement: Int) -> Duration {
        state.withLock { state in
            Self.share(clock(), &state)
            return state.begun.removeValue(forKey: measurement).map { state.share - $0 } ?? .zero
        }
    }

    private static func share(_ now: Duration, _ state: inout State) {
        if !state.begun.isEmpty { state.share += (now - state.last) / state.begun.count }
        state.last = now
    }
}
