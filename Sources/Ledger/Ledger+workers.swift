package import FoundationEssentials
package import Postgres
package import Production

/// One worker process: its name, and the random id it drew at its start.
package struct WorkerIdentity: Sendable, Hashable {
    package let name: String
    package let incarnation: UUID

    package init(name: String, incarnation: UUID) { (self.name, self.incarnation) = (name, incarnation) }
}

/// What a worker tells of itself when it registers.
package struct WorkerDescription: Sendable {
    package var stage: Stage
    package var host: String
    package var pid: Int32
    package var version: String
    package var slots: Int

    package init(stage: Stage, host: String, pid: Int32, version: String, slots: Int) {
        (self.stage, self.host, self.pid, self.version, self.slots) = (stage, host, pid, version, slots)
    }
}

/// A worker as `worker list` shows it.
package struct WorkerReport: Sendable, Codable {
    package let name: String
    package let stage: Stage
    package let host: String
    package let pid: Int64
    package let slots: Int64
    package let version: String
    package let startedAt: Date
    package let beatAt: Date
    /// `alive`, `stopped` (it said so) or `dead` (no beat for a lease)
    package let state: String
    /// A person has asked it to finish what it has in hand and end.
    package let isDraining: Bool
    package let jobs: [Int64]
}

/// What a worker hears at its beat.
package struct BeatAnswer: Sendable, Equatable {
    /// False when another process has taken the name, or the row is gone.
    package let isRegistered: Bool
    /// Attempts whose fence is gone: cancelled, or taken for lost.
    package let revoked: Set<UUID>
    /// A person has asked this process to finish what it has in hand and end.
    package let isAskedToDrain: Bool
}

extension Ledger {
    /// Tries to hold a worker's name by a session lock. Whoever holds it knows that the predecessor is dead or cut off.
    ///
    /// - Parameter patience: how long to wait for a holder to go: Postgres may take a moment to notice that a process
    ///   which was killed is gone.
    package func lockName(
        _ name: String, on session: PostgresConnection, patience: Duration = .seconds(2)
    ) async throws -> Bool {
        do {
            _ = try await session.query(
                "SELECT pg_advisory_lock(hashtext('ytempire worker'), hashtext(\(name)))", timeout: patience)
            return true
        } catch {
            guard error.code == .timedOut else { throw error }
            return false
        }
    }

    /// Registers a worker whose name is held. Answers the jobs that a predecessor of the name had open; they are free.
    package func register(
        _ worker: WorkerIdentity, as description: WorkerDescription, epochs: [String]
    ) async throws -> [Job.ID] {
        try await database.transaction { connection in
            // Each in the epoch of its own partition, where that still stands; no two partitions share an epoch.
            let orphans = try await connection.query(
                """
                SELECT j.id AS job_id, a.id AS attempt, CASE WHEN a.epoch = ANY(\(epochs)::text[]) THEN a.epoch END AS epoch
                  FROM attempts a JOIN jobs j ON j.id = a.job_id
                 WHERE a.worker = \(worker.name) AND a.incarnation <> \(worker.incarnation) AND a.state = 'running'
                 ORDER BY j.id FOR UPDATE OF j
                """)
            for orphan in orphans {
                let attempt: UUID = try orphan.get("attempt")
                let epoch: String? = try orphan.get("epoch")
                try await connection.execute("SELECT end_lost(\(attempt), \(epoch ?? "another"))")
            }
            try await connection.execute(
                """
                SELECT job_id FROM register_worker(\(worker.name), \(worker.incarnation), \(description.stage.rawValue),
                    \(description.host), \(Int64(description.pid))::integer, \(description.version),
                    \(Int64(description.slots))::integer, '')
                """)
            return try orphans.map { try $0.identifier("job_id") }
        }
    }

    /// Says that the worker lives, for all it holds, by Postgres' clock; over the session that holds its name, so that
    /// a beat that is answered also proves the lock.
    package func beat(
        _ worker: WorkerIdentity, holding attempts: [UUID], on session: PostgresConnection
    ) async throws -> BeatAnswer {
        let rows = try await session.query(
            """
            WITH me AS (
                UPDATE workers SET beat_at = now(), stopped_at = NULL
                WHERE name = \(worker.name) AND incarnation = \(worker.incarnation)
                RETURNING drain_asked = incarnation AS drain)
            SELECT EXISTS (SELECT FROM me) AS registered, EXISTS (SELECT FROM me WHERE drain) AS drain,
                   ARRAY(SELECT held FROM unnest(\(attempts)::uuid[]) AS held
                         LEFT JOIN attempts a ON a.id = held AND a.state = 'running'
                         WHERE a.id IS NULL)::text[] AS revoked
            """)
        let row = try rows.only("answer to the beat")
        let revoked = try row.get("revoked", as: [String].self).compactMap(UUID.init(uuidString:))
        return try BeatAnswer(
            isRegistered: row.get("registered"), revoked: Set(revoked), isAskedToDrain: row.get("drain"))
    }

    /// Says that the worker has stopped in good order.
    package func stopped(_ worker: WorkerIdentity) async throws {
        try await database.execute(
            "UPDATE workers SET stopped_at = now() WHERE name = \(worker.name) AND incarnation = \(worker.incarnation)")
    }

    package func workers() async throws -> [WorkerReport] {
        try await database.query(
            """
            SELECT w.name, w.stage, w.host, w.pid::bigint AS pid, w.slots::bigint AS slots, w.version, w.started_at,
                   w.beat_at,
                   CASE WHEN w.stopped_at IS NOT NULL THEN 'stopped'
                        WHEN w.beat_at > now() - \(lease)::interval THEN 'alive' ELSE 'dead' END AS state,
                   w.drain_asked IS NOT DISTINCT FROM w.incarnation AS draining,
                   ARRAY(SELECT a.job_id FROM attempts a WHERE a.worker = w.name AND a.state = 'running'
                         ORDER BY a.job_id) AS jobs
            FROM workers w ORDER BY array_position(ARRAY['script', 'voice', 'render', 'upload'], w.stage), w.name
            """
        ).map { row in
            try WorkerReport(
                name: row.get("name"), stage: row.value("stage"), host: row.get("host"), pid: row.get("pid"),
                slots: row.get("slots"), version: row.get("version"), startedAt: row.get("started_at"),
                beatAt: row.get("beat_at"), state: row.get("state"), isDraining: row.get("draining"),
                jobs: row.get("jobs"))
        }
    }

    /// Asks living workers to finish what they have in hand and end, as SIGTERM would; they hear so at their next beat.
    /// Whatever starts under their names later is not meant. Answers their names.
    ///
    /// - Parameters:
    ///   - names: nil for all of the stage.
    ///   - stage: nil for all stages.
    package func askToDrain(_ names: [String]?, stage: Stage?) async throws -> [String] {
        try await database.query(
            """
            UPDATE workers SET drain_asked = incarnation
             WHERE stopped_at IS NULL AND beat_at > now() - \(lease)::interval
               AND (\(names)::text[] IS NULL OR name = ANY(\(names)::text[]))
               AND (\(stage?.rawValue)::text IS NULL OR stage = \(stage?.rawValue)::text)
            RETURNING name
            """
        ).map { try $0.get("name", as: String.self) }.sorted()
    }

    /// Forgets workers that stopped or died more than a day ago. Answers their names.
    package func forgetOldWorkers() async throws -> [String] {
        try await database.query("DELETE FROM workers WHERE beat_at < now() - interval '1 day' RETURNING name")
            .map { try $0.get("name") }
    }

    /// The names of the workers that are believed to live.
    package func livingWorkers() async throws -> Set<String> {
        try await Set(
            database.query(
                "SELECT name FROM workers WHERE stopped_at IS NULL AND beat_at > now() - \(lease)::interval"
            ).map { try $0.get("name", as: String.self) })
    }
}
