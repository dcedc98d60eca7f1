import Fleet
import Foundation
import Production
import Synchronization

/// The attempt's process dies here, in this trial: nothing it has in memory is left.
struct Crash: Error {}

/// When an attempt crashes: after so many of its calls have been answered.
final class CrashAhead: Sendable {
    private let left: Mutex<Int>

    /// - Parameter calls: nil for never.
    init(after calls: Int?) { left = Mutex(calls ?? .max) }

    /// Another call is answered.
    func pass() throws {
        left.withLock { $0 -= 1 }
        try check()
    }

    func check() throws {
        if left.withLock({ $0 <= 0 }) { throw Crash() }
    }
}

/// What one video has had answered so far, in all its attempts: what is answered again is a retry's.
final class VideoMemory: Sendable {
    private let seen = Mutex<Set<String>>([])

    /// Whether it is the first time.
    func isNew(_ request: String) -> Bool { seen.withLock { $0.insert(request).inserted } }
}

/// The fleet's own door for money, with somebody beside it who counts.
struct CountedSpending: Spending {
    let task: StageTask
    let tally: CallTally
    let memory: VideoMemory
    let crash: CrashAhead

    func answer(
        to request: PaidRequest, call: @escaping @Sendable (UUID) async throws -> PaidAnswer
    ) async throws -> [UInt8] {
        let kind: CallTally.Kind =
            request.provider == "openai" ? (request.ordinal == 0 ? .script : .rewriting) : .speech
        let name = try request.hash().description
        let wasMade = Flag()
        let body: [UInt8]
        do {
            body = try await task.answer(to: request) { id in
                wasMade.raise()
                return try await call(id)
            }
        } catch {
            if wasMade.isUp { tally.count(kind, \.failed) }
            throw error
        }
        let isNew = memory.isNew(name)
        tally.count(kind, wasMade.isUp ? \.made : isNew ? \.shared : \.again)
        try crash.pass()
        return body
    }
}

final class Flag: Sendable {
    private let state = Mutex(false)
    var isUp: Bool { state.withLock { $0 } }
    func raise() { state.withLock { $0 = true } }
}
