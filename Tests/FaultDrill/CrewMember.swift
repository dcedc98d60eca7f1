import Foundation
import Synchronization
import TestServers

/// A worker that is started again whenever its process ends, until it is dismissed.
final class CrewMember: Sendable {
    let run: WorkerRun
    private struct State {
        var isDismissed = false
        var isKeptDown = false
        var restarts = 0
        var environment: [String: String] = [:]
    }
    private let state = Mutex(State())
    private let supervision = Mutex<Task<Void, Never>?>(nil)

    init(_ run: WorkerRun) {
        self.run = run
        // Unstructured, because it lasts as long as the fleet; `dismiss` awaits it.
        supervision.withLock {
            $0 = Task { [self] in
                while true {
                    await run.ended()
                    while state.withLock({ $0.isKeptDown && !$0.isDismissed }) {
                        try? await Task.sleep(for: .milliseconds(10))
                    }
                    let environment = state.withLock { state -> [String: String]? in
                        state.restarts += 1
                        return state.isDismissed ? nil : state.environment
                    }
                    guard let environment else { return }
                    try? run.restart(environment: environment)
                }
            }
        }
    }

    /// How often it was started again.
    var restarts: Int { state.withLock(\.restarts) }

    /// The failpoints of all runs from the next on.
    func arm(_ failpoints: String?) {
        state.withLock { $0.environment = failpoints.map { ["YTEMPIRE_TESTING_FAILPOINTS": $0] } ?? [:] }
    }

    /// Once dead it stays dead, until ``letUp()``.
    func keepDown() { state.withLock { $0.isKeptDown = true } }

    func letUp() { state.withLock { $0.isKeptDown = false } }

    /// Whether it stands still by SIGSTOP.
    var isStopped: Bool {
        let line = try? String(contentsOfFile: "/proc/\(run.pid)/stat", encoding: .utf8)
        return line?.split(separator: ")").last?.split(separator: " ").first == "T"
    }

    /// Kills it for good.
    func dismiss() async {
        state.withLock { $0.isDismissed = true }
        await run.kill()
        await supervision.withLock { $0 }?.value
    }
}
