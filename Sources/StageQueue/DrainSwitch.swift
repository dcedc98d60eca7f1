import Synchronization

/// Tells workers to stop, in two steps that only go forwards.
///
/// One switch may serve several workers. It is what a signal handler holds.
public final class DrainSwitch: Sendable {
    public enum Position: Int, Sendable, Comparable {
        case running, draining, releasing
        public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    private struct State {
        var position = Position.running
        var listeners: [AsyncStream<Position>.Continuation] = []
    }
    private let state = Mutex(State())

    public init() {}

    public var position: Position { state.withLock(\.position) }

    /// Nothing more is fetched; what is in hand may end within the drain time, the rest is released.
    public func drain() { advance(to: .draining) }

    /// Everything in hand is interrupted and released at once.
    public func releaseNow() { advance(to: .releasing) }

    /// Returns once the switch is no longer at `running`, or the task is cancelled.
    public func drained() async {
        for await position in positions where position > .running { return }
    }

    /// The present position, then every later one.
    var positions: AsyncStream<Position> {
        AsyncStream { continuation in
            state.withLock { state in
                continuation.yield(state.position)
                state.listeners.append(continuation)
            }
        }
    }

    private func advance(to position: Position) {
        state.withLock { state in
            guard position > state.position else { return }
            state.position = position
            for listener in state.listeners { listener.yield(position) }
        }
    }
}
