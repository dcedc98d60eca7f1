import FoundationEssentials
import Postgres
package import Production

/// What a worker tells of an attempt's end.
struct EndQuestion: Sendable {
    let attempt: OpenAttempt
    let end: AttemptEnd
    let record: AttemptRecord
}

/// What became of telling it.
enum EndAnswer: Sendable {
    case settled(CommitAnswer)
    /// The fence holds, but the result can't be kept. The attempt is open as before.
    case unkeepable(reason: String)
}

extension Ledger {
    /// Ends an attempt, moves its job on, and records what it cost, in one transaction guarded by the fence. Safe to ask
    /// again: what this attempt did before is done.
    ///
    /// What ends at the same time goes to Postgres in one call, and is committed together: a fence that has risen drops out
    /// alone, and where one end violates a constraint, each is told by itself.
    ///
    /// A result that can't be kept, because another job used its source item first or a file of it is to be deleted,
    /// ends the attempt as retried: left open, it would hold the job for as long as its worker lives.
    package func end(_ attempt: OpenAttempt, _ end: AttemptEnd, _ record: AttemptRecord) async throws -> CommitAnswer {
        switch try await tell(EndQuestion(attempt: attempt, end: end, record: record)) {
        case .settled(let answer): return answer
        case .unkeepable(let reason):
            let error = JobError(
                stage: attempt.stage, provider: .own, asked: "to keep what the stage made", answer: reason,
                next: "tried again at once")
            let plain = EndQuestion(attempt: attempt, end: .retried(after: .zero, error), record: record)
            guard case .settled(let answer) = try await tell(plain) else {
                throw LedgerError(.invalid, "Postgres can't keep what job \(attempt.job) has not made.")
            }
            return answer
        }
    }

    private func tell(_ question: EndQuestion) async throws -> EndAnswer {
        let answer = try await ends.ask(question, on: question.attempt.job) { questions in
            try await gathering(questions) { try await answers(to: $0, patient: false) }
        }
        if let answer { return answer }
        guard let answer = try await answers(to: [question], patient: true)[0] else {
            throw LedgerError(.invalid, "Postgres did not answer how an attempt of job \(question.attempt.job) ended.")
        }
        return answer
    }

    /// Asks again when the connection broke under the call: it may have been done, and is done once.
    private func answers(to questions: [EndQuestion], patient: Bool) async throws -> [EndAnswer?] {
        let batch = try EndBatch(questions)
        let statement = batch.statement(settings, patient: patient)
        var losses = 0
        while true {
            do {
                return try batch.answers(from: await database.query(statement))
            } catch let error as PostgresError where error.code == .connectionLost && losses < 3 {
                try Task.checkCancellation()
                losses += 1
            }
        }
    }
}

extension AttemptEnd {
    /// The state the attempt ends in.
    package var attemptState: AttemptState {
        switch self {
        case .succeeded, .skipped: .succeeded
        case .retried, .sentBack: .retried
        case .limited: .limited
        case .failed: .failed
        case .released: .released
        }
    }

    var result: StageResult? {
        if case .succeeded(let result) = self { result } else { nil }
    }

    var error: JobError? {
        switch self {
        case .succeeded, .skipped, .released: nil
        case .retried(_, let error), .limited(_, let error), .sentBack(_, let error), .failed(let error): error
        }
    }

    /// The state the job is in afterwards, if its channel does not ask for review.
    func jobState(after stage: Stage) -> JobState {
        switch self {
        case .succeeded: stage.next == nil ? .published : .queued
        case .skipped: .skipped
        case .retried, .limited: .waiting
        case .failed: .dead
        case .released, .sentBack: .queued
        }
    }
}
