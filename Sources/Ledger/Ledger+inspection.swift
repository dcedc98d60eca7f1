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

/// How many jobs stand at a stage.
package struct StageCensus: Sendable, Codable, Equatable {
    package let stage: Stage
    package var queued: Int64 = 0
    package var running: Int64 = 0
    package var waiting: Int64 = 0
    package var held: Int64 = 0
    package var dead: Int64 = 0

    package init(stage: Stage) { self.stage = stage }
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

    /// How many jobs are unfinished or dead, for every stage, in order. Its cost follows their number, not history.
    package func standingJobs() async throws -> [StageCensus] {
        var stages = Stage.allCases.map { StageCensus(stage: $0) }
        for count in try await countJobs() {
            guard let index = stages.firstIndex(where: { $0.stage == count.stage }) else { continue }
            switch JobState(rawValue: count.state) {
            case .queued: stages[index].queued = count.count
            case .running: stages[index].running = count.count
            case .waiting: stages[index].waiting = count.count
            case .held: stages[index].held = count.count
            case .dead: stages[index].dead = count.count
            case .published, .cancelled, .skipped, nil: break
            }
        }
        return stages
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

    /// The channels that a person means, removed ones as well: those of this name, else the one of this slug, else those of
    /// this name in another case. Only users' own slugs differ, so several users may have a channel of one name.
    ///
    /// - Parameter user: their name; nil for all users.
    package func channels(like name: String, user: String?) async throws -> [Channel.ID] {
        try await database.query(
            """
            SELECT id FROM (
                SELECT c.id, r.place, min(r.place) OVER () AS best
                  FROM channels c JOIN users u ON u.id = c.user_id
                 CROSS JOIN LATERAL (
                    SELECT CASE WHEN c.name = \(name) THEN 1 WHEN c.slug = \(name) THEN 2 ELSE 3 END AS place) r
                 WHERE (lower(c.name) = lower(\(name)) OR c.slug = \(name))
                   AND (\(user)::text IS NULL OR u.name = \(user)::text)) found
            WHERE place = best ORDER BY id
            """
        ).map { Channel.ID(try $0.get("id")) }
    }

    /// All names of channels, of one user or of all; removed ones left out.
    package func channelNames(of user: String? = nil) async throws -> [String] {
        try await database.query(
            """
            SELECT DISTINCT c.name FROM channels c JOIN users u ON u.id = c.user_id
            WHERE c.state <> 'removed' AND (\(user)::text IS NULL OR u.name = \(user)::text)
            ORDER BY c.name LIMIT 10000
            """
        ).map { try $0.get("name") }
    }
}
