import StageQueue
import Synchronization

/// Everything a worker reported, which a test can wait for.
final class EventLog: Sendable {
    private struct State {
        var events: [WorkerEvent] = []
        var listeners: [AsyncStream<Void>.Continuation] = []
    }
    private let state = Mutex(State())

    func report(_ event: WorkerEvent) {
        state.withLock { state in
            state.events.append(event)
            for listener in state.listeners { listener.yield() }
        }
    }

    func count(_ isMeant: (WorkerEvent) -> Bool) -> Int { state.withLock { $0.events.count(where: isMeant) } }

    /// Returns once so many such events were reported, in all.
    func wait(for count: Int = 1, _ isMeant: (WorkerEvent) -> Bool) async throws {
        let (news, listener) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLock { $0.listeners.append(listener) }
        listener.yield()
        for await _ in news where self.count(isMeant) >= count { return }
        throw CancellationError()
    }

    /// So many more rounds of the loop than there were.
    func waitForRounds(_ rounds: Int) async throws {
        let before = count(\.isRound)
        try await wait(for: before + rounds, \.isRound)
    }

    /// Jobs whose handling ended, with what became of them.
    var ended: [(job: Int64, disposition: Disposition, owned: Bool)] {
        state.withLock { state in
            state.events.compactMap { event in
                if case .ended(let delivery, let disposition, let owned, _) = event {
                    (delivery.job, disposition, owned)
                } else {
                    nil
                }
            }
        }
    }
}

extension WorkerEvent {
    var isRound: Bool { if case .cameRound = self { true } else { false } }
    var isStart: Bool { if case .started = self { true } else { false } }
    var isEnd: Bool { if case .ended = self { true } else { false } }
    var isUnsettled: Bool { if case .unsettled = self { true } else { false } }
    var isReclaim: Bool { if case .reclaimed = self { true } else { false } }
    var isLost: Bool { if case .lost = self { true } else { false } }
    var isLoss: Bool { if case .redisLost = self { true } else { false } }
    var isReturn: Bool { if case .redisBack = self { true } else { false } }
    var isNewEpoch: Bool { if case .newEpoch = self { true } else { false } }
    var isAnomaly: Bool { if case .anomaly = self { true } else { false } }
}

/// Holds handlers back until it is opened, or their task is cancelled.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [AsyncStream<Void>.Continuation] = []
    }
    private let state = Mutex(State())

    func pass() async {
        let (opened, open) = AsyncStream.makeStream(of: Void.self)
        let isOpen = state.withLock { state in
            if !state.isOpen { state.waiting.append(open) }
            return state.isOpen
        }
        if !isOpen { for await _ in opened {} }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for gate in waiting { gate.finish() }
    }
}

/// Something that several handlers change.
final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }

    var now: Value { value.withLock { $0 } }

    @discardableResult
    func change<Result: Sendable>(_ body: (inout Value) -> Result) -> Result { value.withLock { body(&$0) } }
}

extension Shared where Value: BinaryInteger {
    /// Counts, from 1.
    func next() -> Value {
        change {
            $0 += 1
            return $0
        }
    }
}
