import Synchronization

/// Shares the process' CPU time among the attempts that run in it: between any two changes, in equal parts. Exact for a
/// worker with one slot, fair for others.
package final class CPUMeter: Sendable {
    private struct State {
        var last: Duration
        var used: [Int: Duration] = [:]
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
            state.used[state.next] = .zero
            return state.next
        }
    }

    /// What the measurement's share was.
    package func stop(_ measurement: Int) -> Duration {
        state.withLock { state in
            Self.share(clock(), &state)
            return state.used.removeValue(forKey: measurement) ?? .zero
        }
    }

    private static func share(_ now: Duration, _ state: inout State) {
        let part = (now - state.last) / max(1, state.used.count)
        for key in state.used.keys { state.used[key, default: .zero] += part }
        state.last = now
    }
}
