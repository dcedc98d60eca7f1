package import FoundationEssentials
import Postgres
package import Production

extension Ledger {
    /// Asks to open an attempt. Safe to ask again with the same attempt id: one that was taken for lost meanwhile is not
    /// opened a second time, but answered as not due for no time at all.
    package func begin(
        _ attempt: UUID, job: Job.ID, stage: Stage, worker: WorkerIdentity, epoch: String, alone: Bool
    ) async throws -> BeginAnswer {
        let rows = try await database.query(
            """
            SELECT outcome, at_fence::bigint AS at_fence, at_stage, at_tries::bigint AS at_tries,
                   (extract(epoch FROM until - now()) * 1000)::bigint AS wait
            FROM begin_attempt(\(attempt), \(job.rawValue), \(stage.rawValue), \(worker.name), \(worker.incarnation),
                               \(epoch), \(alone), \(lease)::interval)
            """)
        let row = try rows.only("answer of begin_attempt")
        switch try row.get("outcome", as: String.self) {
        case "begun":
            let fence = try row.get("at_fence", as: Int64.self)
            let tries = try row.get("at_tries", as: Int64.self)
            return .begun(OpenAttempt(id: attempt, job: job, stage: stage, fence: Int(fence), tries: Int(tries)))
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

    /// What a stage has to know of the job it works on.
    package func assignment(of attempt: OpenAttempt) async throws -> JobAssignment {
        let rows = try await database.query(
            """
            SELECT j.user_id, u.name AS user_name, j.channel_id, j.channel_fixed, j.production_day::text AS day
            FROM jobs j JOIN users u ON u.id = j.user_id WHERE j.id = \(attempt.job.rawValue)
            """)
        let row = try rows.only("job \(attempt.job)")
        let made = try await database.query(
            """
            SELECT kind, a.sha256, a.bytes FROM job_artifacts JOIN artifacts a USING (sha256)
            WHERE job_id = \(attempt.job.rawValue)
            """)
        var artifacts: [Artifact.Kind: Artifact] = [:]
        for row in made {
            guard let id = Artifact.ID(bytes: try row.get("sha256")) else { continue }
            artifacts[try row.value("kind")] = Artifact(id: id, bytes: try row.get("bytes"))
        }
        return try JobAssignment(
            job: attempt.job, user: row.identifier("user_id"), userName: row.get("user_name"),
            channel: await channel(row.identifier("channel_id")), channelIsFixed: row.get("channel_fixed"),
            productionDay: row.get("day"), artifacts: artifacts)
    }

    /// Ends an attempt, moves its job on, and records what it cost, in one transaction guarded by the fence. Safe to ask
    /// again: what this attempt did before is done.
    ///
    /// A result that can't be kept, because another job used its source item first or a file of it is to be deleted,
    /// ends the attempt as retried: left open, it would hold the job for as long as its worker lives.
    package func end(_ attempt: OpenAttempt, _ end: AttemptEnd, _ record: AttemptRecord) async throws -> CommitAnswer {
        do {
            return try await commit(attempt, end, record)
        } catch let error as UnkeepableResult {
            let error = JobError(
                stage: attempt.stage, provider: .own, asked: "to keep what the stage made", answer: error.reason,
                next: "tried again at once")
            return try await commit(attempt, .retried(after: .zero, error), record)
        }
    }

    private func commit(
        _ attempt: OpenAttempt, _ end: AttemptEnd, _ record: AttemptRecord
    ) async throws -> CommitAnswer {
        let encoder = JSONEncoder()
        let notes = String(decoding: try encoder.encode(record.notes), as: UTF8.self)
        let error = try end.error.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
        return try await repeatable { connection in
            let moved = try await connection.query(move(attempt, end, error: error))
            let ended = try await connection.query(
                """
                UPDATE attempts SET state = \(end.attemptState.rawValue), counts = \(end.attemptState.counts),
                       ended_at = now(), provider = \(record.provider?.rawValue), notes = \(notes)::jsonb,
                       error = \(error)::jsonb
                WHERE id = \(attempt.id) AND state = 'running' AND \(!moved.isEmpty) RETURNING id
                """)
            if ended.isEmpty {
                // Refused, or a repetition after a COMMIT whose answer was lost. What it spent is recorded either way.
                try await recordCosts(record.costs, of: attempt, on: connection)
                return try await standing(of: attempt, as: end.attemptState, on: connection)
            }
            if case .succeeded(let result) = end { try await keep(result, of: attempt, on: connection) }
            try await recordCosts(record.costs, of: attempt, on: connection)
            return try .committed(moved.first.flatMap(DueJob.init(unlessFinished:)))
        }
    }

    /// The job's move, if the attempt still holds its fence.
    private func move(_ attempt: OpenAttempt, _ end: AttemptEnd, error: String?) -> SQL {
        let next = attempt.stage.next
        var state: String
        var due: SQL = "now()"
        var triesAdded: Int64 = 0
        var reset = false
        switch end {
        case .succeeded:
            state = next == nil ? JobState.published.rawValue : JobState.queued.rawValue
            reset = true
        case .skipped: state = JobState.skipped.rawValue
        case .retried(let delay, _):
            state = JobState.waiting.rawValue
            due = "now() + \("\(delay.milliseconds) milliseconds")::interval"
            triesAdded = 1
        case .limited(let until, _):
            state = JobState.waiting.rawValue
            due = "\(until)::timestamptz"
        case .failed:
            state = JobState.dead.rawValue
            triesAdded = 1
        case .released: state = JobState.queued.rawValue
        }
        let stage = reset ? (next ?? attempt.stage) : attempt.stage
        // A channel that asks for review holds its video before it is published.
        let awaitsReview = reset && next == .upload
        let channel: Int64? = if case .succeeded(let result) = end { result.channel?.rawValue } else { nil }
        let title: String? = if case .succeeded(let result) = end { result.title } else { nil }
        return """
            UPDATE jobs AS j SET
                state = CASE WHEN \(awaitsReview) AND c.review THEN 'held' ELSE \(state)::text END,
                held_because = CASE WHEN \(awaitsReview) AND c.review THEN 'review' END,
                stage = \(stage.rawValue), due_at = \(due), updated_at = now(),
                finished_at = CASE WHEN \(state)::text IN ('published', 'dead', 'skipped') THEN now() END,
                tries = CASE WHEN \(reset) THEN 0 ELSE j.tries + \(triesAdded)::smallint END,
                alone = j.alone AND NOT \(reset), lonely_deaths = CASE WHEN \(reset) THEN 0 ELSE j.lonely_deaths END,
                error = \(error)::jsonb, title = COALESCE(\(title), j.title),
                channel_id = COALESCE(\(channel)::bigint, j.channel_id)
            FROM channels c
            WHERE j.id = \(attempt.job.rawValue) AND j.fence = \(Int64(attempt.fence))::integer AND j.state = 'running'
              AND c.id = j.channel_id
            RETURNING j.id, j.stage, j.priority, j.partition::bigint AS partition, j.trace, j.state,
                      (extract(epoch FROM j.due_at - now()) * 1000)::bigint AS due_in_ms
            """
    }

    private func keep(_ result: StageResult, of attempt: OpenAttempt, on connection: PostgresConnection) async throws {
        for (kind, artifact) in result.artifacts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let kept = try await connection.query(
                """
                INSERT INTO artifacts (sha256, bytes) VALUES (\(artifact.id.bytes), \(artifact.bytes))
                ON CONFLICT (sha256) DO UPDATE SET bytes = EXCLUDED.bytes WHERE artifacts.doomed_at IS NULL
                RETURNING bytes
                """)
            guard !kept.isEmpty else {
                throw UnkeepableResult(reason: "artifact \(artifact.id) is marked for deletion")
            }
            try await connection.execute(
                """
                INSERT INTO job_artifacts (job_id, kind, sha256, attempt_id)
                VALUES (\(attempt.job.rawValue), \(kind.rawValue), \(artifact.id.bytes), \(attempt.id))
                ON CONFLICT (job_id, kind) DO UPDATE SET sha256 = EXCLUDED.sha256, attempt_id = EXCLUDED.attempt_id
                """)
        }
        if let item = result.usedItem {
            let used = try await connection.query(
                """
                INSERT INTO source_items AS s (channel_id, item, job_id)
                SELECT channel_id, \(item), id FROM jobs WHERE id = \(attempt.job.rawValue)
                ON CONFLICT (channel_id, item) DO UPDATE SET used_at = now() WHERE s.job_id = EXCLUDED.job_id
                RETURNING s.item
                """)
            guard !used.isEmpty else {
                throw UnkeepableResult(reason: "another job of the channel has used the source item \(item)")
            }
            try await connection.execute(
                """
                UPDATE channels SET last_served_at = clock_timestamp()
                FROM jobs WHERE jobs.id = \(attempt.job.rawValue) AND channels.id = jobs.channel_id
                """)
        }
    }

    /// What stands when the fence did not hold: this attempt's own end, done before, or another's.
    private func standing(
        of attempt: OpenAttempt, as state: AttemptState, on connection: PostgresConnection
    ) async throws -> CommitAnswer {
        let rows = try await connection.query(
            """
            SELECT j.id, j.stage, j.priority, j.partition::bigint AS partition, j.trace, j.state,
                   (extract(epoch FROM j.due_at - now()) * 1000)::bigint AS due_in_ms
            FROM jobs j JOIN attempts a ON a.job_id = j.id
            WHERE a.id = \(attempt.id) AND a.state = \(state.rawValue)
            """)
        guard let row = rows.first else { return .refused }
        return .committed(try DueJob(unlessFinished: row))
    }
}

/// Why a result can't be committed although the fence holds.
private struct UnkeepableResult: Error {
    let reason: String
}

extension DueJob {
    /// Nil if the job needs no dispatch: it is finished, held, or already under way again.
    fileprivate init?(unlessFinished row: PostgresRow) throws {
        switch try row.value("state", as: JobState.self) {
        case .queued, .waiting: self = try DueJob(row)
        case .running, .held, .published, .dead, .cancelled, .skipped: return nil
        }
    }
}

extension AttemptEnd {
    /// The state the attempt ends in.
    package var attemptState: AttemptState {
        switch self {
        case .succeeded, .skipped: .succeeded
        case .retried: .retried
        case .limited: .limited
        case .failed: .failed
        case .released: .released
        }
    }

    fileprivate var error: JobError? {
        switch self {
        case .succeeded, .skipped, .released: nil
        case .retried(_, let error), .limited(_, let error), .failed(let error): error
        }
    }
}
