import Postgres
package import Production

/// A page of reconcile's walk through the unfinished jobs.
package struct DispatchPage: Sendable {
    /// Those that should have a live delivery.
    package let jobs: [DueJob]
    /// The last one that was looked at; nil at the end.
    package let last: Job.ID?
}

extension Ledger {
    /// Looks at the next `limit` unfinished jobs, and answers which of them should have a live delivery: due or with a due
    /// time, not being worked on, not paused, and unchanged for `quiet`. Ordered by id.
    ///
    /// What it costs follows `limit`, whatever the jobs are: a million that wait for a paused stage are passed by in pages.
    package func jobsToDispatch(after: Job.ID?, quiet: Duration, limit: Int = 1_000) async throws -> DispatchPage {
        let rows = try await database.query(unfinished(after: after, quiet: quiet, limit: limit))
        let wanted = try rows.filter { try $0.get("is_wanted") }
        return try DispatchPage(jobs: wanted.map { try DueJob($0, hasUser: true) }, last: rows.last?.identifier("id"))
    }

    func unfinished(after: Job.ID?, quiet: Duration, limit: Int) -> SQL {
        """
        SELECT j.id, j.stage, j.priority, j.partition::bigint AS partition, j.user_id, j.trace,
               (extract(epoch FROM j.due_at - now()) * 1000)::bigint AS due_in_ms,
               j.state <> 'held' AND j.updated_at <= now() - \("\(quiet.milliseconds) milliseconds")::interval
               AND (j.state <> 'running' OR NOT EXISTS (
                    SELECT FROM attempts a JOIN workers w ON w.name = a.worker AND w.incarnation = a.incarnation
                     WHERE a.job_id = j.id AND a.state = 'running' AND w.stopped_at IS NULL
                       AND w.beat_at > now() - \(lease)::interval))
               AND CASE WHEN (SELECT EXISTS (SELECT FROM pauses)) OR c.state = 'paused'
                        THEN NOT is_paused(j.user_id, j.channel_id, j.stage) ELSE true END AS is_wanted
          FROM unfinished_jobs(\(after?.rawValue ?? 0), \(Int64(limit))) j JOIN channels c ON c.id = j.channel_id
         ORDER BY j.id
        """
    }

    /// The jobs among the given that need a delivery now: what a ghost's finder dispatches.
    package func jobToDispatch(_ id: Job.ID) async throws -> DueJob? {
        try await database.query(
            """
            SELECT j.id, j.stage, j.priority, j.partition::bigint AS partition, j.user_id, j.trace,
                   (extract(epoch FROM j.due_at - now()) * 1000)::bigint AS due_in_ms
              FROM jobs j
             WHERE j.id = \(id.rawValue) AND j.state IN ('queued', 'waiting')
               AND NOT is_paused(j.user_id, j.channel_id, j.stage)
            """
        ).first.map { try DueJob($0, hasUser: true) }
    }

    /// Takes up a duty that the whole fleet shares, unless somebody did within `interval`. True: it is this caller's.
    package func takeDuty(_ name: String, every interval: Duration) async throws -> Bool {
        let rows = try await database.query(
            """
            INSERT INTO duties AS d (name, done_at) VALUES (\(name), now())
            ON CONFLICT (name) DO UPDATE SET done_at = now()
            WHERE d.done_at <= now() - \("\(interval.milliseconds) milliseconds")::interval
            RETURNING name
            """)
        return !rows.isEmpty
    }

    /// Where a duty that goes round in turns has stopped; nil at the beginning.
    package func standing(of duty: String) async throws -> Job.ID? {
        let rows = try await database.query("SELECT stands_at FROM duties WHERE name = \(duty) AND stands_at > 0")
        return try rows.first?.identifier("stands_at")
    }

    package func setStanding(of duty: String, at job: Job.ID?) async throws {
        let place = job?.rawValue ?? 0
        try await database.execute(
            """
            INSERT INTO duties (name, done_at, stands_at) VALUES (\(duty), now(), \(place))
            ON CONFLICT (name) DO UPDATE SET stands_at = EXCLUDED.stands_at
            """)
    }

    /// The stages that a person has stopped, for Redis' copy; all of them if the whole fleet is stopped.
    package func pausedStages() async throws -> Set<Stage> {
        let rows = try await database.query("SELECT scope, key FROM pauses WHERE scope IN ('fleet', 'stage')")
        var stages: Set<Stage> = []
        for row in rows {
            if try row.get("scope", as: String.self) == "fleet" { return Set(Stage.allCases) }
            stages.insert(try row.value("key"))
        }
        return stages
    }
}
