import FoundationEssentials
import Synchronization

/// The attempts this process has open, so that the beat can speak for all of them, and take one away.
final class AttemptDesk: Sendable {
    private let open = Mutex<[UUID: AsyncStream<Never>.Continuation]>([:])

    /// What the beat says this worker holds.
    var held: [UUID] { open.withLock { Array($0.keys) } }

    /// Takes these attempts away: their job was cancelled, or they were taken for lost.
    func revoke(_ attempts: Set<UUID>) {
        let revoked = open.withLock { open in attempts.compactMap { open[$0] } }
        for attempt in revoked { attempt.finish() }
    }

    /// Runs `body` as long as the attempt is not revoked.
    ///
    /// - Throws: `FenceRisen` if it was, once `body` has ended; else what `body` throws.
    func hold<Answer: Sendable>(_ attempt: UUID, _ body: @escaping @Sendable () async throws -> Answer) async throws
        -> Answer
    {
        let (revocation, continuation) = AsyncStream<Never>.makeStream()
        open.withLock { $0[attempt] = continuation }
        defer { open.withLock { $0[attempt] = nil } }
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
