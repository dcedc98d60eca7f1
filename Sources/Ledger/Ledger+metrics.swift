import Postgres
package import Production

/// How the fleet stands, as numbers. All of it follows the work at hand, not history: partial indexes carry it.
package struct FleetCount: Sendable, Equatable {
    package let stage: Stage
    /// A job's or a worker's state.
    package let state: String
    package let count: Int64
}

extension Ledger {
    /// Unfinished jobs and dead ones, by stage and state.
    package func countJobs() async throws -> [FleetCount] {
        try await database.query(
            """
            SELECT stage, state, count(*) AS count FROM jobs WHERE finished_at IS NULL GROUP BY stage, state
            UNION ALL SELECT stage, state, count(*) FROM jobs WHERE is_dead GROUP BY stage, state
            """
        ).map(FleetCount.init)
    }

    /// Lost attempts of jobs that are unfinished or dead, by stage.
    package func countLostAttempts() async throws -> [FleetCount] {
        try await database.query(
            """
            SELECT a.stage, a.state, count(*) AS count
              FROM (SELECT id FROM jobs WHERE finished_at IS NULL AND alone
                    UNION ALL SELECT id FROM jobs WHERE is_dead) j
              JOIN attempts a ON a.job_id = j.id
             WHERE a.state = 'lost' GROUP BY a.stage, a.state
            """
        ).map(FleetCount.init)
    }

    package func countWorkers() async throws -> [FleetCount] {
        try await database.query(
            """
            SELECT stage, CASE WHEN stopped_at IS NOT NULL THEN 'stopped'
                               WHEN beat_at > now() - \(lease)::interval THEN 'alive' ELSE 'dead' END AS state,
                   count(*) AS count
              FROM workers GROUP BY 1, 2
            """
        ).map(FleetCount.init)
    }

    /// The present money day's counters: its own, and each provider's.
    package func moneyCounters() async throws -> [CounterReport] {
        try await database.query(
            """
            WITH today AS (SELECT ((now() AT TIME ZONE \(settings.zone))::date)::text AS day)
            SELECT scope, CASE scope WHEN 'provider' THEN split_part(key, ' ', 1) ELSE '' END AS key,
                   ceiling, held, spent, overrun, warned_at
              FROM counters, today
             WHERE scope = 'day' AND key = today.day OR scope = 'provider' AND key LIKE '% ' || today.day
             ORDER BY scope, key
            """
        ).map(CounterReport.init)
    }
}

extension FleetCount {
    fileprivate init(_ row: PostgresRow) throws {
        (stage, state, count) = try (row.value("stage"), row.get("state"), row.get("count"))
    }
}
