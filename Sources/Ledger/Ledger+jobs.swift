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
            ORDER BY array_position(
                ARRAY['storyboard', 'narration', 'timings', 'cut', 'video', 'thumbnail', 'thumbnail-b', 'thumbnail-c',
                      'thumbnail-vertical', 'captions', 'captions-vtt', 'manifest'], kind)
            """
        ).map { try ArtifactReport(kind: $0.value("kind"), sha256: $0.get("sha256"), bytes: $0.get("bytes")) }
    }

    /// Asks for a video beside the daily one. On the given channel, or on whichever's turn it is.
    ///
    /// - Parameters:
    ///   - day: `YYYY-MM-DD`, or nil for the user's today.
    ///   - note: kept with it; with the same note it is safe to ask again.
    package func enqueue(
        for user: User, channel: Channel?, day: String? = nil, as note: AuditNote? = nil
    ) async throws -> DueJob {
        guard let note else { return try await enqueue(for: user, channel, day, on: database) }
        return try await repeatable { connection in
            let before = try await connection.query(
                """
                SELECT j.id, j.stage, j.priority, j.partition::bigint AS partition, j.user_id, j.trace,
                       0::bigint AS due_in_ms
                FROM audit_jobs aj JOIN jobs j ON j.id = aj.job_id WHERE aj.audit_id = \(note.id)
                """)
            if let row = before.first { return try DueJob(row, hasUser: true) }
            let job = try await enqueue(for: user, channel, day, on: connection)
            try await keep(note, on: connection)
            try await connection.execute(
                """
                INSERT INTO audit_jobs (audit_id, job_id, state, stage)
                SELECT \(note.id), id, state, stage FROM jobs WHERE id = \(job.id.rawValue)
                """)
            return job
        }
    }

    private func enqueue(
        for user: User, _ channel: Channel?, _ day: String?, on executor: some PostgresExecutor
    ) async throws -> DueJob {
        let rows = try await executor.query(
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
            guard let channel else { throw LedgerError(.refused, try await whyNoChannel(of: user)) }
            throw LedgerError(
                .refused,
                "The channel \(channel.name) is \(channel.state.rawValue). "
                    + "`ytempire channel resume \(user.name) '\(channel.name)'` goes on with it.")
        }
        return try DueJob(row, hasUser: true)
    }
}
