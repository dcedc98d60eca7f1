import FoundationEssentials
import Synchronization

/// The attempts this process has open, so that the beat can speak for all of them, and take one away.
final class AttemptDesk: Sendable {
    private struct State {
        var held: Set<UUID> = []
        var atWork: [UUID: AsyncStream<Never>.Continuation] = [:]
    }

    private let state = Mutex(State())

    /// What is this worker's, and no stray: from before an attempt is begun until its end is committed.
    var held: [UUID] { state.withLock { Array($0.held) } }

    /// What is worked on, and so certainly begun: what the beat asks about. An attempt that is only about to begin would
    /// be answered as revoked, and that answer could come when it has begun.
    var atWork: [UUID] { state.withLock { Array($0.atWork.keys) } }

    func enter(_ attempt: UUID) { _ = state.withLock { $0.held.insert(attempt) } }
    func leave(_ attempt: UUID) { _ = state.withLock { $0.held.remove(attempt) } }

    /// Takes these attempts away: their job was cancelled, or they were taken for lost.
    func revoke(_ attempts: Set<UUID>) {
        let revoked = state.withLock { state in attempts.compactMap { state.atWork[$0] } }
        for attempt in revoked { attempt.finish() }
    }

    /// Runs `body` as long as the attempt is not revoked.
    ///
    /// - Throws: `FenceRisen` if it was, once `body` has ended; else what `body` throws.
    func hold<Answer: Sendable>(_ attempt: UUID, _ body: @escaping @Sendable () async throws -> Answer) async throws
        -> Answer
    {
        let (revocation, continuation) = AsyncStream<Never>.makeStream()
        state.withLock { $0.atWork[attempt] = continuation }
        defer { state.withLock { $0.atWork[attempt] = nil } }
        return try await withThrowingTaskGroup(of: Answer?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                for await _ in revocation {}
                try Task.checkCancellation()
                throw FenceRisen()
            }
            defer { group.cancelAll() }
            while let answer = try await group.next() {
                if let answer { return answer }
            }
            throw CancellationError()
        }
    }
}
