import Postgres
package import Production

extension Ledger {
    private static let jobColumns: SQL = """
        j.id, u.name AS user_name, c.name AS channel_name, j.kind, j.production_day::text AS day, j.priority, j.state,
        j.stage, j.held_because, j.due_at, j.tries::bigint AS tries, j.title, j.error::text AS error, j.created_at,
        j.updated_at, j.finished_at, p.location,
        (SELECT COALESCE(sum(amount), 0)::bigint FROM cost_rows WHERE job_id = j.id) AS cost
        """
    private static let jobTables: SQL = """
        jobs j JOIN users u ON u.id = j.user_id JOIN channels c ON c.id = j.channel_id
        LEFT JOIN publications p ON p.job_id = j.id
        """

    /// The newest jobs first.
    package func jobs(_ filter: JobFilter = JobFilter(), limit: Int = 50) async throws -> [JobReport] {
        try await database.query(
            """
            SELECT \(Self.jobColumns) FROM \(Self.jobTables)
            WHERE \(filter.condition)
            ORDER BY j.id DESC LIMIT \(Int64(limit))
            """
        ).map(JobReport.init)
    }

    /// - Throws: `LedgerError(.notFound)`
    package func job(_ id: Job.ID) async throws -> JobReport {
        let rows = try await database.query(
            "SELECT \(Self.jobColumns) FROM \(Self.jobTables) WHERE j.id = \(id.rawValue)")
        guard let row = rows.first else { throw try await noSuchJob(id) }
        return try JobReport(row)
    }

    /// How many jobs are meant, by where they stand.
    package func count(_ filter: JobFilter) async throws -> [(state: JobState, stage: Stage, count: Int64)] {
        try await database.query(
            """
            SELECT j.state, j.stage, count(*) AS count
            FROM jobs j JOIN users u ON u.id = j.user_id JOIN channels c ON c.id = j.channel_id
            WHERE \(filter.condition) GROUP BY j.state, j.stage ORDER BY count(*) DESC, j.state, j.stage
            """
        ).map { try ($0.value("state"), $0.value("stage"), $0.get("count")) }
    }

    /// All jobs that are meant, in order.
    package func jobNumbers(_ filter: JobFilter) async throws -> [Job.ID] {
        try await database.query(
            """
            SELECT j.id FROM jobs j JOIN users u ON u.id = j.user_id JOIN channels c ON c.id = j.channel_id
            WHERE \(filter.condition) ORDER BY j.id
            """
        ).map { try $0.identifier("id") }
    }

    func noSuchJob(_ id: Job.ID) async throws -> LedgerError {
        let newest: Int64? = try await database.query("SELECT max(id) AS newest FROM jobs").first?.get("newest")
        let hint =
            newest.map { id.rawValue > $0 ? "The newest is \($0); `ytempire job list` shows the newest ones." : nil }
            ?? "There are no jobs yet: `ytempire job enqueue USER` asks for one."
        return LedgerError(.notFound, "There is no job \(id). \(hint ?? "`ytempire job list` shows the newest ones.")")
    }

    /// A job's tries, in order.
    package func attempts(of job: Job.ID) async throws -> [AttemptReport] {
        try await database.query(
            """
            SELECT a.fence::bigint AS fence, a.stage, a.state, a.worker, l.host, a.provider, a.notes::text AS notes,
                   a.error::text AS error, a.started_at, a.ended_at
            FROM attempts a LEFT JOIN worker_lives l USING (incarnation)
            WHERE a.job_id = \(job.rawValue) ORDER BY a.fence
            """
        ).map(AttemptReport.init)
    }

    package func artifacts(of job: Job.ID) async throws -> [ArtifactReport] {
        try await database.query(
            """
            SELECT kind, encode(sha256, 'hex') AS sha256, bytes FROM job_artifacts JOIN artifacts USING (sha256)
            WHERE job_id = \(job.rawValue)
            ORDER BY array_position(ARRAY['storyboard', 'narration', 'timings', 'video', 'thumbnail', 'captions', 'manifest'], kind)
            """
        ).map { try ArtifactReport(kind: $0.value("kind"), sha256: $0.get("sha256"), bytes: $0.get("bytes")) }
    }

    /// Asks for a video beside the daily one. On the given channel, or on whichever's turn it is.
    ///
    /// - Parameter day: `YYYY-MM-DD`, or nil for the user's today.
    package func enqueue(for user: User, channel: Channel?, day: String? = nil) async throws -> DueJob {
        let rows = try await database.query(
            """
            WITH turn AS (
                SELECT id FROM channels WHERE user_id = \(user.id.rawValue) AND state = 'active'
                   AND (\(channel?.id.rawValue)::bigint IS NULL OR id = \(channel?.id.rawValue)::bigint)
                 ORDER BY last_served_at NULLS FIRST, id LIMIT 1),
            served AS (
                UPDATE channels SET last_served_at = clock_timestamp() FROM turn WHERE channels.id = turn.id)
            INSERT INTO jobs (user_id, channel_id, channel_fixed, kind, partition, production_day, priority, trace)
            SELECT \(user.id.rawValue), turn.id, \(channel != nil), 'extra',
                   \(user.id.rawValue % Int64(settings.partitions))::smallint,
                   COALESCE(\(day)::date,
                            (now() AT TIME ZONE COALESCE(\(user.timeZone), \(settings.zone)::text))::date), 'interactive',
                   uuid_send(gen_random_uuid()) || substring(uuid_send(gen_random_uuid()) FROM 9)
            FROM turn
            RETURNING id, stage, priority, partition::bigint AS partition, user_id, trace, 0::bigint AS due_in_ms
            """)
        guard let row = rows.first else {
            throw LedgerError(
                .refused,
                channel == nil
                    ? "\(user.name) has no active channel. Add one: `ytempire channel add \(user.name) NAME --source …`."
                    : "The channel \(channel?.name ?? "") is not active.")
        }
        return try DueJob(row, hasUser: true)
    }

    /// Cancels a job and takes the fence, in one statement: whoever works on it hears so at its next beat, and its
    /// result is refused.
    ///
    /// - Throws: `LedgerError` if there is no such job, it is finished, or its video may already be going out.
    package func cancel(_ id: Job.ID) async throws {
        try await database.transaction { connection in
            let rows = try await connection.query("SELECT state FROM jobs WHERE id = \(id.rawValue) FOR UPDATE")
            guard let row = rows.first else { throw LedgerError(.notFound, "There is no job \(id).") }
            let state: JobState = try row.value("state")
            guard state.after(.cancelled) != nil else {
                throw LedgerError(.refused, "Job \(id) is \(state.rawValue) already; there is nothing to cancel.")
            }
            let cancelled = try await connection.query("SELECT cancel_job(\(id.rawValue)) AS cancelled")
            guard try cancelled.only("answer of cancel_job").get("cancelled", as: Bool.self) else {
                throw LedgerError(.refused, "Job \(id) may already be going out; its publication is finished first.")
            }
        }
    }

    /// Lets a job that awaits review go on to be published.
    package func approve(_ id: Job.ID) async throws -> DueJob {
        let rows = try await database.query(
            """
            UPDATE jobs SET state = 'queued', held_because = NULL, due_at = now(), updated_at = now()
            WHERE id = \(id.rawValue) AND state = 'held' AND held_because = 'review'
            RETURNING id, stage, priority, partition::bigint AS partition, user_id, trace, 0::bigint AS due_in_ms
            """)
        guard let row = rows.first else {
            let job = try await job(id)
            throw LedgerError(.refused, "Job \(id) is \(job.state.rawValue); it does not await review.")
        }
        return try DueJob(row, hasUser: true)
    }

    /// How many jobs stand at each stage, in each state; finished ones of the last day only.
    package func census() async throws -> [(stage: Stage, state: JobState, count: Int64)] {
        try await database.query(
            """
            SELECT stage, state, count(*) AS count FROM jobs
            WHERE finished_at IS NULL OR finished_at > now() - interval '1 day' OR is_dead
            GROUP BY stage, state
            """
        ).map { try ($0.value("stage"), $0.value("state"), $0.get("count")) }
    }
}
