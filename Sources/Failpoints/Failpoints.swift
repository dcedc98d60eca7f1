import Foundation
import Synchronization

/// Where a test has this process fail. One value, made at start from the test configuration and passed down; without
/// one, `off`, which costs a comparison with nil.
package struct Failpoints: Sendable {
    private let armed: ArmedFailpoints?

    package static let off = Failpoints()

    private init() { armed = nil }

    /// - Parameters:
    ///   - seed: of the rules that go by chance.
    ///   - announce: is told of each fault before it happens, as `commit.before=kill, job 3`.
    package init(_ rules: [FailpointRule], seed: UInt64, announce: @escaping @Sendable (String) -> Void) {
        armed = rules.isEmpty ? nil : ArmedFailpoints(rules, seed: seed, announce: announce)
    }

    package var areArmed: Bool { armed != nil }

    /// Comes to a place. Does there what the rules say.
    ///
    /// - Throws: `InjectedFault`, or `CancellationError` when cancelled during a delay.
    @inline(__always)
    package func reach(_ point: Failpoint, job: Int64? = nil) async throws {
        if let armed { try await armed.reach(point, job) }
    }

    /// Comes to a place that can't wait or throw: what hangs or delays there blocks the thread.
    @inline(__always)
    package func reachBlocking(_ point: Failpoint, job: Int64? = nil) {
        if let armed { armed.reachBlocking(point, job) }
    }
}

/// The rules in force, and how often each has been met.
private final class ArmedFailpoints: Sendable {
    private struct State {
        var met: [Int]
        var dice: SplitMix
    }

    private let rules: [FailpointRule]
    private let state: Mutex<State>
    private let announce: @Sendable (String) -> Void

    init(_ rules: [FailpointRule], seed: UInt64, announce: @escaping @Sendable (String) -> Void) {
        (self.rules, self.announce) = (rules, announce)
        state = Mutex(State(met: rules.map { _ in 0 }, dice: SplitMix(state: seed)))
    }

    func reach(_ point: Failpoint, _ job: Int64?) async throws {
        for action in actions(at: point, job) {
            switch action {
            case .kill: Self.signal(SIGKILL)
            case .stop: Self.signal(SIGSTOP)
            case .hang: await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
            case .delay(let time): try await Task.sleep(for: time)
            case .fault(let kind): throw InjectedFault(kind, at: point)
            }
        }
    }

    func reachBlocking(_ point: Failpoint, _ job: Int64?) {
        for action in actions(at: point, job) {
            switch action {
            case .kill: Self.signal(SIGKILL)
            case .stop: Self.signal(SIGSTOP)
            case .hang: while true { sleep(3_600) }
            case .delay(let time):
                let (seconds, attoseconds) = time.components
                usleep(useconds_t(seconds * 1_000_000 + attoseconds / 1_000_000_000_000))
            case .fault: break
            }
        }
    }

    private func actions(at point: Failpoint, _ job: Int64?) -> [FailpointRule.Action] {
        guard rules.contains(where: { $0.point == point }) else { return [] }
        let due = state.withLock { state in
            rules.indices.filter { index in
                let rule = rules[index]
                guard rule.point == point, rule.job == nil || rule.job == job else { return false }
                state.met[index] += 1
                guard rule.occurrence == nil || rule.occurrence == state.met[index] else { return false }
                return rule.chance.map { Double.random(in: 0..<100, using: &state.dice) < $0 } ?? true
            }
        }
        for index in due { announce("\(point.rawValue)=\(rules[index].action)\(job.map { ", job \($0)" } ?? "")") }
        return due.map { rules[$0].action }
    }

    private static func signal(_ signal: Int32) { kill(getpid(), signal) }
}

/// Steele, Lea and Flood's SplitMix64: the same seed, the same chances.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
