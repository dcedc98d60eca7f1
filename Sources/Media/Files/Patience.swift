import Dispatch
import Synchronization

/// How long FFmpeg may still work on a file, and whether anybody still waits for it. Only the time inside calls counts, not that
/// of whoever uses what comes out. FFmpeg asks it from whatever thread reads.
final class Patience: Sendable {
    let flag: CancellationFlag
    private let limits: MediaLimits
    /// Nanoseconds that may still be spent.
    private let left: Atomic<Int64>
    /// When they are spent, by the monotonic clock; the end of time while nothing works.
    private let deadline = Atomic<UInt64>(.max)

    init(_ limits: MediaLimits, flag: CancellationFlag) {
        (self.limits, self.flag) = (limits, flag)
        left = Atomic(Self.nanoseconds(limits.patience))
    }

    /// At most three hours at once: a limit may be infinite, and what many seconds of film add up to must still be a number.
    private static func nanoseconds(_ seconds: Double) -> Int64 { Int64(max(0, min(10_000, seconds)) * 1e9) }

    /// Nobody waits any more, or the time is up.
    var isOver: Bool { flag.isRaised || hasRunOut }

    /// The time is up.
    var hasRunOut: Bool {
        left.load(ordering: .relaxed) <= 0
            || DispatchTime.now().uptimeNanoseconds > deadline.load(ordering: .relaxed)
    }

    /// Does what may take long, on the clock.
    func spend<Result>(_ work: () throws(MediaError) -> Result) throws(MediaError) -> Result {
        let began = DispatchTime.now().uptimeNanoseconds
        deadline.store(began + UInt64(max(0, left.load(ordering: .relaxed))), ordering: .relaxed)
        defer {
            left.subtract(Int64(DispatchTime.now().uptimeNanoseconds - began), ordering: .relaxed)
            deadline.store(.max, ordering: .relaxed)
        }
        return try work()
    }

    /// Film or sound of so many seconds has passed. A jump counts as one second at most: times in a file may lie.
    func passed(_ seconds: Double) {
        guard seconds > 0 else { return }
        left.add(Self.nanoseconds(min(seconds, 1) * limits.patienceForEachSecond), ordering: .relaxed)
    }

    /// Throws when it is over.
    func check(_ operation: String, file: String) throws(MediaError) {
        try flag.check(operation)
        if hasRunOut { throw ranOut(operation, file: file) }
    }

    func ranOut(_ operation: String, file: String) -> MediaError {
        MediaError(
            .damaged, operation, file: file,
            reason: "it took FFmpeg more than the \(Int(max(0, min(10_000, limits.patience)))) s that a file is given",
            log: LogTranscript.current?.take() ?? [])
    }
}
