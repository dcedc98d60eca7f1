package import FoundationEssentials
import Postgres
package import Production

/// Jobs that should be moving and are not.
package struct StuckReport: Sendable, Codable {
    package let stage: Stage
    package let state: JobState
    package let count: Int64
    /// The job that has stood still for the longest.
    package let job: Int64
    package let since: Date
}

/// Which store of artifacts a host sees.
package struct StoreSighting: Sendable, Codable {
    package let host: String
    package let path: String
    package let store: UUID
    package let seenAt: Date
}

extension Ledger {
    /// Unfinished jobs that nobody works on although nothing keeps them: queued or past their due time for longer than
    /// `patience`, or running under a worker that is gone.
    package func stuckJobs(patience: Duration) async throws -> [StuckReport] {
        try await database.query(
            """
            SELECT j.stage, j.state, count(*) AS count, (array_agg(j.id ORDER BY since))[1] AS job, min(since) AS since
              FROM jobs j
             CROSS JOIN LATERAL (SELECT greatest(j.updated_at, j.due_at) AS since) s
             WHERE j.finished_at IS NULL AND j.state <> 'held'
               AND since < now() - \("\(patience.milliseconds) milliseconds")::interval
               AND NOT is_paused(j.user_id, j.channel_id, j.stage)
               AND NOT EXISTS (
                    SELECT FROM attempts a JOIN workers w ON w.name = a.worker AND w.incarnation = a.incarnation
                     WHERE a.job_id = j.id AND a.state = 'running' AND w.stopped_at IS NULL
                       AND w.beat_at > now() - \(lease)::interval)
             GROUP BY j.stage, j.state ORDER BY min(since)
            """
        ).map {
            try StuckReport(
                stage: $0.value("stage"), state: $0.value("state"), count: $0.get("count"), job: $0.get("job"),
                since: $0.get("since"))
        }
    }

    /// How many jobs are unfinished or dead, by where they stand. Its cost follows their number, not history.
    package func standingJobs() async throws -> [(stage: Stage, state: JobState, count: Int64)] {
        try await database.query(
            """
            SELECT stage, state, count(*) AS count FROM jobs WHERE finished_at IS NULL GROUP BY 1, 2
            UNION ALL SELECT stage, state, count(*) FROM jobs WHERE is_dead GROUP BY 1, 2
            """
        ).map { try ($0.value("stage"), $0.value("state"), $0.get("count")) }
    }

    /// The last errors of jobs that are unfinished or dead, the newest first.
    package func recentErrors(limit: Int) async throws -> [(job: Int64, state: JobState, at: Date, error: JobError)] {
        try await database.query(
            """
            SELECT id, state, updated_at, error::text AS error FROM jobs
            WHERE (finished_at IS NULL OR is_dead) AND error IS NOT NULL
            ORDER BY updated_at DESC LIMIT \(Int64(limit))
            """
        ).compactMap { row in
            guard let error = try row.jobError("error") else { return nil }
            return try (row.get("id"), row.value("state"), row.get("updated_at"), error)
        }
    }

    /// How many attempts of each stage succeeded within the last `span`.
    package func completions(within span: Duration) async throws -> [Stage: Int64] {
        // No stage lasts longer; the index is by the beginning.
        let longest = "\((span + .seconds(7_200)).milliseconds) milliseconds"
        let rows = try await database.query(
            """
            SELECT stage, count(*) AS count FROM attempts
            WHERE state = 'succeeded' AND started_at > now() - \(longest)::interval AND ended_at > now() - \("\(span.milliseconds) milliseconds")::interval
            GROUP BY stage
            """)
        return try Dictionary(uniqueKeysWithValues: rows.map { try ($0.value("stage"), $0.get("count")) })
    }

    /// Since when the job that has waited longest at each stage could have been begun.
    package func oldestQueued() async throws -> [Stage: Date] {
        let rows = try await database.query(
            """
            SELECT stage, min(greatest(updated_at, due_at)) AS since FROM jobs
            WHERE finished_at IS NULL AND state = 'queued' GROUP BY stage
            """)
        return try Dictionary(uniqueKeysWithValues: rows.map { try ($0.value("stage"), $0.get("since")) })
    }

    /// Postgres' clock.
    package func now() async throws -> Date {
        try await database.query("SELECT clock_timestamp() AS now").only("clock").get("now")
    }

    /// Keeps which store of artifacts a host sees.
    package func sight(store: UUID, at path: String, from host: String) async throws {
        try await database.execute(
            """
            INSERT INTO store_sightings (host, path, store) VALUES (\(host), \(path), \(store))
            ON CONFLICT (host) DO UPDATE SET path = EXCLUDED.path, store = EXCLUDED.store, seen_at = now()
            """)
    }

    package func storeSightings() async throws -> [StoreSighting] {
        try await database.query("SELECT host, path, store, seen_at FROM store_sightings ORDER BY host").map {
            try StoreSighting(
                host: $0.get("host"), path: $0.get("path"), store: $0.get("store"), seenAt: $0.get("seen_at"))
        }
    }

    /// The channels of that name, of one user or of all.
    package func hasChannel(named name: String, user: String?) async throws -> Bool {
        let rows = try await database.query(
            """
            SELECT FROM channels c JOIN users u ON u.id = c.user_id
            WHERE (c.name = \(name) OR c.slug = \(name)) AND (\(user)::text IS NULL OR u.name = \(user)::text) LIMIT 1
            """)
        return !rows.isEmpty
    }

    /// All names of channels, removed ones left out.
    package func channelNames() async throws -> [String] {
        try await database.query(
            "SELECT DISTINCT name FROM channels WHERE state <> 'removed' ORDER BY name LIMIT 10000"
        )
        .map { try $0.get("name") }
    }
}
