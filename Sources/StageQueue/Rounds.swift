import Synchronization

/// When each partition's loop last came round: the watchdog is fed only while none hangs.
final class Rounds: Sendable {
    private let last = Mutex<[Int: ContinuousClock.Instant]>([:])
    private let clock = ContinuousClock()
    private let patience: Duration

    init(patience: Duration) { self.patience = patience }

    /// - Returns: whether all others came round lately, too.
    func came(_ partition: Int) -> Bool {
        let now = clock.now
        return last.withLock { last in
            last[partition] = now
            return last.values.allSatisfy { $0.duration(to: now) <= patience }
        }
    }

    func left(_ partition: Int) { last.withLock { $0[partition] = nil } }
}
