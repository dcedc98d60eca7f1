import NIOCore
import Synchronization

/// Commands that travel together in one write, and who waits for their replies. Finished once: by its replies, a failure, or cancellation.
final class Request: Sendable {
    typealias Outcome = Result<[RedisReply], RedisError>

    let commands: [RedisCommand]
    let bytes: ByteBuffer
    /// Nil: waits for as long as the connection lives.
    let deadline: NIODeadline?

    private struct State {
        var waiter: (@Sendable (Outcome) -> Void)?
        var outcome: Outcome?
        var isWritten = false
    }
    private let state = Mutex(State())

    /// Encodes the commands, on the caller's thread, so that the event loop doesn't have to.
    init(_ commands: [RedisCommand], deadline: NIODeadline?) {
        self.commands = commands
        self.deadline = deadline
        bytes = commands.encoded()
    }

    convenience init(_ commands: [RedisCommand], timeout: Duration?) {
        self.init(commands, deadline: timeout.map { .now() + TimeAmount($0) })
    }

    /// Nobody waits any more: its replies are dropped.
    var isFinished: Bool {
        state.withLock { $0.outcome != nil }
    }

    /// Called right before the bytes are written. False: nobody waits any more, so they need not be.
    func beginWriting() -> Bool {
        state.withLock { state in
            state.isWritten = state.outcome == nil
            return state.isWritten
        }
    }

    func succeed(_ replies: [RedisReply]) {
        finish { _ in .success(replies) }
    }

    func fail(_ code: RedisError.Code, _ message: String) {
        finish { .failure(RedisError(code, command: self.commands.summary, mayHaveRun: $0, message)) }
    }

    /// Ends the wait. Returns false when it had ended before.
    @discardableResult private func finish(_ outcome: (_ isWritten: Bool) -> Outcome) -> Bool {
        let ended: (waiter: (@Sendable (Outcome) -> Void)?, outcome: Outcome)? = state.withLock { state in
            guard state.outcome == nil else { return nil }
            let outcome = outcome(state.isWritten)
            state.outcome = outcome
            defer { state.waiter = nil }
            return (state.waiter, outcome)
        }
        guard let ended else { return false }
        ended.waiter?(ended.outcome)
        return true
    }

    /// Calls `waiter` once with the outcome, at once if there is one already.
    func whenFinished(_ waiter: @escaping @Sendable (Outcome) -> Void) {
        let outcome: Outcome? = state.withLock { state in
            if state.outcome == nil { state.waiter = waiter }
            return state.outcome
        }
        if let outcome { waiter(outcome) }
    }

    /// Submits the request and waits for its replies. A cancelled task stops waiting at once with `.cancelled`.
    func replies(submit: () -> Void, onCancel: @Sendable () -> Void = {}) async throws(RedisError) -> [RedisReply] {
        let outcome: Outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                whenFinished { continuation.resume(returning: $0) }
                if !isFinished { submit() }
            }
        } onCancel: {
            let isFirst = finish { isWritten in
                let message = "the task that waited for the reply was cancelled"
                return .failure(RedisError(.cancelled, command: commands.summary, mayHaveRun: isWritten, message))
            }
            if isFirst { onCancel() }
        }
        return try outcome.get()
    }
}
