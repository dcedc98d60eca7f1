import Postgres
import Synchronization

/// Makes one call of many: what is asked while a call is under way is gathered, and goes into the next.
///
/// A lone question is on its way at once; the busier the process, the more each call carries.
final class Gatherer<Question: Sendable, Answer: Sendable>: Sendable {
    /// Answers questions, one answer each, in their order. Nil: that one must be asked alone, by whoever has it.
    typealias Call = @Sendable ([Question]) async throws -> [Answer?]

    private struct Waiter {
        let ticket: Int
        /// Two questions that share a subject never go into one call: the second one waits for the next.
        let subject: AnyHashable
        let question: Question
        let continuation: CheckedContinuation<Answer?, any Error>
    }

    private struct State {
        var waiters: [Waiter] = []
        var tickets = 0
        var isCalling = false
    }

    private let state = Mutex(State())
    private let limit: Int

    /// - Parameter limit: how many questions one call may carry.
    init(limit: Int = 200) { self.limit = limit }

    /// Asks together with whatever else is asked at the time.
    ///
    /// - Throws: what the call throws; `.cancelled` if the task was cancelled before the question was sent. One that is
    ///   under way is waited for: it is not this task's alone.
    func ask<Subject: Hashable & Sendable>(
        _ question: Question, on subject: Subject, _ call: @escaping Call
    ) async throws -> Answer? {
        let ticket = state.withLock { state in
            state.tickets += 1
            return state.tickets
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isFirst: Bool? = state.withLock { state in
                    // The cancellation handler may have run before there was anything to take back.
                    guard !Task.isCancelled else { return nil }
                    state.waiters.append(
                        Waiter(ticket: ticket, subject: subject, question: question, continuation: continuation))
                    defer { state.isCalling = true }
                    return !state.isCalling
                }
                guard let isFirst else { return continuation.resume(throwing: Self.cancelled) }
                // A task of its own: the call belongs to all who wait for it, and ends with none of them.
                if isFirst { Task { await callOn(call) } }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                guard let index = state.waiters.firstIndex(where: { $0.ticket == ticket }) else { return nil }
                return state.waiters.remove(at: index)
            }
            waiter?.continuation.resume(throwing: Self.cancelled)
        }
    }

    private static var cancelled: PostgresError {
        PostgresError(.cancelled, "cancelled before it was sent", nothingWasSent: true)
    }

    /// Calls for as long as anybody waits.
    private func callOn(_ call: Call) async {
        while let batch = takeBatch() {
            do {
                let answers = try await call(batch.map(\.question))
                for (waiter, answer) in zip(batch, answers) { waiter.continuation.resume(returning: answer) }
            } catch {
                for waiter in batch { waiter.continuation.resume(throwing: error) }
            }
        }
    }

    /// The first who wait, in order; nil, and the calling ends, when nobody does.
    private func takeBatch() -> [Waiter]? {
        state.withLock { state in
            guard !state.waiters.isEmpty else {
                state.isCalling = false
                return nil
            }
            var (batch, rest, subjects) = ([Waiter](), [Waiter](), Set<AnyHashable>())
            for waiter in state.waiters {
                if batch.count < limit, subjects.insert(waiter.subject).inserted {
                    batch.append(waiter)
                } else {
                    rest.append(waiter)
                }
            }
            state.waiters = rest
            return batch
        }
    }
}
