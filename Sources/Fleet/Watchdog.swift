import StageQueue
import Synchronization

/// Tells systemd that the worker's loop comes round, at most once a second, and with it what the worker is doing, when
/// that has changed.
final class Watchdog: Sendable {
    private struct State {
        var fed: ContinuousClock.Instant?
        var status = WorkerStatus()
        var told = ""
    }

    private let notifier: SystemdNotifier
    private let state: Mutex<State>

    init(notifier: SystemdNotifier, status: WorkerStatus) {
        self.notifier = notifier
        state = Mutex(State(status: status))
    }

    func heard(_ event: WorkerEvent) {
        guard case .cameRound = event else {
            state.withLock { $0.status.heard(event) }
            return
        }
        let now = ContinuousClock.now
        let news = state.withLock { state -> String?? in
            if let fed = state.fed, now - fed < .seconds(1) { return nil }
            state.fed = now
            let text = state.status.text
            defer { state.told = text }
            return text == state.told ? .some(nil) : text
        }
        switch news {
        case .some(.some(let text)): notifier.send(.watchdog, .status(text))
        case .some(nil): notifier.send(.watchdog)
        case nil: break
        }
    }

    func drains() { state.withLock { $0.status.isDraining = true } }

    func databaseIsNewer() { state.withLock { $0.status.isDatabaseNewer = true } }
}
