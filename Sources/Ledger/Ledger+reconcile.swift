import Postgres
package import Production

extension Ledger {
    /// A page of the unfinished jobs that should have a live delivery: due or with a due time, not being worked on, not
    /// paused, and unchanged for `quiet`. Ordered by id; the caller pages on from the last one.
    package func jobsToDispatch(after: Job.ID?, quiet: Duration, limit: Int = 1_000) async throws -> [DueJob] {
        try await database.query(
            """
            SELECT j.id, j.stage, j.priority, j.partition::bigint AS partition, j.user_id, j.trace,
                   (extract(epoch FROM j.due_at - now()) * 1000)::bigint AS due_in_ms
              FROM jobs j
             WHERE j.finished_at IS NULL AND j.state <> 'held' AND j.id > \(after?.rawValue ?? 0)
               AND j.updated_at <= now() - \("\(quiet.milliseconds) milliseconds")::interval
               AND NOT EXISTS (
                    SELECT FROM attempts a JOIN workers w ON w.name = a.worker AND w.incarnation = a.incarnation
                     WHERE a.job_id = j.id AND a.state = 'running' AND w.stopped_at IS NULL
                       AND w.beat_at > now() - \(lease)::interval)
               AND NOT is_paused(j.user_id, j.channel_id, j.stage)
             ORDER BY j.id LIMIT \(Int64(limit))
            """
        ).map { try DueJob($0, hasUser: true) }
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

    package func pause(_ stage: Stage?, reason: String) async throws {
        try await database.execute(
            """
            INSERT INTO pauses (scope, key, reason)
            VALUES (\(stage == nil ? "fleet" : "stage"), \(stage?.rawValue ?? ""), \(reason))
            ON CONFLICT (scope, key) DO UPDATE SET reason = EXCLUDED.reason
            """)
    }

    /// False if it was not paused.
    package func resume(_ stage: Stage?) async throws -> Bool {
        try await database.execute(
            """
            DELETE FROM pauses WHERE scope = \(stage == nil ? "fleet" : "stage") AND key = \(stage?.rawValue ?? "")
            """) > 0
    }
}
