import NIOCore
import Synchronization

/// What has arrived and has not been read yet. Bounded: a reader that lags loses the oldest messages and is told how many.
final class SubscriptionMailbox: Sendable {
    private struct State {
        var elements = CircularBuffer<RedisSubscription.Element>()
        var dropped = 0
        var isFinished = false
        var reader: CheckedContinuation<RedisSubscription.Element?, Never>?
    }

    private let capacity: Int
    private let state = Mutex(State())

    init(capacity: Int) {
        self.capacity = capacity
    }

    func put(_ element: RedisSubscription.Element) {
        let reader: CheckedContinuation<RedisSubscription.Element?, Never>? = state.withLock { state in
            guard !state.isFinished else { return nil }
            if let reader = state.reader {
                state.reader = nil
                return reader
            }
            if state.elements.count == capacity {
                state.elements.removeFirst()
                state.dropped += 1
            }
            state.elements.append(element)
            return nil
        }
        reader?.resume(returning: element)
    }

    /// The next element, in order; nil once finished and empty.
    func next() async -> RedisSubscription.Element? {
        await withCheckedContinuation { continuation in
            let ready: RedisSubscription.Element?? = state.withLock { state in
                if state.dropped > 0 {
                    defer { state.dropped = 0 }
                    return .dropped(state.dropped)
                }
                if let element = state.elements.popFirst() { return element }
                // One reader at a time: a second one gets the end.
                if state.isFinished || state.reader != nil { return .some(nil) }
                state.reader = continuation
                return nil
            }
            if let ready { continuation.resume(returning: ready) }
        }
    }

    func finish() {
        let reader: CheckedContinuation<RedisSubscription.Element?, Never>? = state.withLock { state in
            state.isFinished = true
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(returning: nil)
    }
}
