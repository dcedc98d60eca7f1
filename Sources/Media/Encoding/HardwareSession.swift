import Foundation
import Synchronization

/// What a video's hardware encoders have in common: how long they were open together, and whether one was lost.
final class HardwareUse: Sendable {
    private struct State {
        var seconds = 0.0
        var failure: MediaError?
    }
    private let state = Mutex(State())

    /// Of open sessions: two side by side for a second are two.
    var seconds: Double { state.withLock { $0.seconds } }
    /// The first one.
    var failure: MediaError? { state.withLock { $0.failure } }

    func add(_ seconds: Double) { state.withLock { $0.seconds += seconds } }

    func fail(_ error: MediaError) { state.withLock { if $0.failure == nil { $0.failure = error } } }
}

/// One open session of the GPU's encoder: it holds the slot, and counts the time.
final class HardwareSession: Sendable {
    private let slot: EncoderSlot?
    private let use: HardwareUse
    private let began = ContinuousClock.now

    init(slot: EncoderSlot?, use: HardwareUse) { (self.slot, self.use) = (slot, use) }

    deinit { use.add((ContinuousClock.now - began) / .seconds(1)) }

    func fail(_ error: MediaError) { use.fail(error) }
}
