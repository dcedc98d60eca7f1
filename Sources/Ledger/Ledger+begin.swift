package import FoundationEssentials
import Postgres
package import Production

/// What a worker asks to begin.
struct BeginQuestion: Sendable {
    let attempt: UUID
    let job: Job.ID
    let stage: Stage
    let worker: WorkerIdentity
    let epoch: String
    let alone: Bool
}

extension Ledger {
    /// Asks to open an attempt. Safe to ask again with the same attempt id: one that was taken for lost meanwhile is not
    /// opened a second time, but answered as not due for no time at all.
    ///
    /// What is asked at the same time goes to Postgres in one call. A job that somebody else has locked just then is asked
    /// for alone, so that nobody else waits for it.
    package func begin(
        _ attempt: UUID, job: Job.ID, stage: Stage, worker: WorkerIdentity, epoch: String, alone: Bool
    ) async throws -> BeginAnswer {
        let question = BeginQuestion(
            attempt: attempt, job: job, stage: stage, worker: worker, epoch: epoch, alone: alone)
        let answer = try await begins.ask(question, on: job) { questions in
            try await gathering(questions) { try await answers(to: $0, patient: false) }
        }
        if let answer { return answer }
        guard let answer = try await answers(to: [question], patient: true)[0] else {
            throw LedgerError(.invalid, "Postgres did not answer whether an attempt of job \(job) is begun.")
        }
        return answer
    }

    private func answers(to questions: [BeginQuestion], patient: Bool) async throws -> [BeginAnswer?] {
        let rows = try await database.query(beginning(questions, patient: patient))
        var answers: [BeginAnswer?] = Array(repeating: nil, count: questions.count)
        for row in rows {
            let place = try row.get("n", as: Int.self) - 1
            answers[place] = try answer(to: questions[place], row)
        }
        return answers
    }

    func beginning(_ questions: [BeginQuestion], patient: Bool) -> SQL {
        """
        SELECT n, outcome, at_fence::bigint AS at_fence, at_stage, at_tries::bigint AS at_tries,
               (extract(epoch FROM until - now()) * 1000)::bigint AS wait, b.user_id AS job_user_id, user_name,
               channel_fixed, production_day, kinds, hashes, sizes, (channel).*
        FROM begin_attempts(
            \(questions.map(\.attempt))::uuid[], \(questions.map(\.job.rawValue))::bigint[],
            \(questions.map(\.stage.rawValue))::text[], \(questions.map(\.worker.name))::text[],
            \(questions.map(\.worker.incarnation))::uuid[], \(questions.map(\.epoch))::text[],
            \(questions.map(\.alone))::boolean[], \(lease)::interval, \(patient)) b
        """
    }

    private func answer(to question: BeginQuestion, _ row: PostgresRow) throws -> BeginAnswer? {
        switch try row.get("outcome", as: String.self) {
        case "begun":
            let attempt = OpenAttempt(
                id: question.attempt, job: question.job, stage: question.stage, fence: try row.get("at_fence"),
                tries: try row.get("at_tries"))
            return .begun(attempt, try JobAssignment(of: question.job, row))
        case "locked": return nil
        case "alone": return .mustRunAlone
        case "busy": return .busy(for: .milliseconds(try row.get("wait", as: Int64.self)))
        case "not_due": return .notDue(for: .milliseconds(try row.get("wait", as: Int64.self)))
        case "elsewhere": return .elsewhere(try row.value("at_stage"))
        case "paused": return .paused
        case "held": return .held
        case "finished": return .finished
        case "impostor": return .impostor
        default: return .unknown
        }
    }

    /// Makes a call that is for many. When Postgres refuses it for what stands in it, nil for each: asked alone, only the
    /// guilty one fails.
    func gathering<Question, Answer>(
        _ questions: [Question], _ call: ([Question]) async throws -> [Answer?]
    ) async throws -> [Answer?] {
        do {
            return try await call(questions)
        } catch let error as PostgresError
            where (error.isConnectionTrouble || error.isServerTrouble) && !error.isTransactionConflict
        {
            throw error
        } catch {
            guard questions.count > 1 else { throw error }
            return Array(repeating: nil, count: questions.count)
        }
    }
}

extension JobAssignment {
    fileprivate init(of job: Job.ID, _ row: PostgresRow) throws {
        var artifacts: [Artifact.Kind: Artifact] = [:]
        if let kinds: [String] = try row.get("kinds") {
            let (hashes, sizes): ([[UInt8]], [Int64]) = try (row.get("hashes"), row.get("sizes"))
            for (name, (hash, size)) in zip(kinds, zip(hashes, sizes)) {
                guard let kind = Artifact.Kind(rawValue: name), let id = Artifact.ID(bytes: hash) else {
                    throw LedgerError(.invalid, "Job \(job) has a \(name), which this version does not know.")
                }
                artifacts[kind] = Artifact(id: id, bytes: size)
            }
        }
        try self.init(
            job: job, user: row.identifier("job_user_id"), userName: row.get("user_name"), channel: Channel(row),
            channelIsFixed: row.get("channel_fixed"), productionDay: row.get("production_day"), artifacts: artifacts)
    }
}
