import StageQueue
import Synchronization

/// Feeds systemd's watchdog each time the worker's loop comes round, at most once a second.
final class Watchdog: Sendable {
    private let notifier: SystemdNotifier
    private let last = Mutex<ContinuousClock.Instant?>(nil)

    init(notifier: SystemdNotifier) { self.notifier = notifier }

    func heard(_ event: WorkerEvent) {
        guard case .cameRound = event else { return }
        let now = ContinuousClock.now
        let isDue = last.withLock { last in
            if let last, now - last < .seconds(1) { return false }
            last = now
            return true
        }
        if isDue { notifier.send(.watchdog) }
    }
}
