import Foundation
import Testing

@testable import Fleet

@Suite struct `The desk of open attempts` {
    private let desk = AttemptDesk()
    private let attempt = UUID()

    /// Says when it has begun, then goes on until it is cancelled.
    private func endless(_ begun: AsyncStream<Void>.Continuation) async throws -> String {
        begun.yield()
        for await _ in AsyncStream<Void>.makeStream().stream {}
        try Task.checkCancellation()
        return "ended by itself"
    }

    @Test func `holds an attempt for as long as it is worked on`() async throws {
        let (desk, attempt) = (desk, attempt)
        desk.enter(attempt)
        #expect(desk.held == [attempt], "it is no stray before it is begun")
        #expect(desk.atWork.isEmpty, "but the beat would hear that it is not open, and must not ask")
        #expect(try await desk.hold(attempt) { desk.atWork } == [attempt])
        #expect(desk.atWork.isEmpty)
        #expect(desk.held == [attempt], "and no stray until its end is committed")
        desk.leave(attempt)
        #expect(desk.held.isEmpty)
    }

    @Test func `stops the work of an attempt that is revoked, and only that`() async throws {
        let (begins, begun) = AsyncStream<Void>.makeStream()
        let other = UUID()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect(throws: FenceRisen.self) { try await desk.hold(attempt) { try await endless(begun) } }
            }
            group.addTask {
                await #expect(throws: CancellationError.self) {
                    try await desk.hold(other) { try await endless(begun) }
                }
            }
            var count = 0
            for await _ in begins {
                count += 1
                if count == 2 { break }
            }
            desk.revoke([attempt, UUID()])
            try await group.next()
            group.cancelAll()
        }
    }

    @Test func `passes on what the work throws`() async {
        struct Trouble: Error {}
        await #expect(throws: Trouble.self) { try await desk.hold(attempt) { throw Trouble() } }
    }

    @Test func `tells a cancelled task from a revoked attempt`() async throws {
        let (begins, begun) = AsyncStream<Void>.makeStream()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect(throws: CancellationError.self) {
                    try await desk.hold(attempt) { try await endless(begun) }
                }
            }
            for await _ in begins { break }
            group.cancelAll()
        }
    }
}
