import Postgres
package import Production

/// What became of what a person asked to do to some jobs.
package struct InterventionReport: Sendable, Equatable {
    package struct Refusal: Sendable, Equatable, Codable {
        package var job: Int64
        package var why: String
    }

    package var done: [Job.ID] = []
    package var refused: [Refusal] = []
    /// Those of the done that should be dispatched now.
    package var due: [DueJob] = []
}

extension Ledger {
    /// Does something to jobs by hand, to each of them or not at all, and keeps who did it and how they stood before. The
    /// fence of every job that is changed rises, so whoever works on it has its result refused. Safe to ask again with
    /// the same note.
    ///
    /// Many jobs are many transactions: done stays done whatever stops it.
    package func intervene(
        _ intervention: Intervention, on jobs: [Job.ID], as note: AuditNote, batch: Int = 500
    ) async throws -> InterventionReport {
        var report = InterventionReport()
        let sorted = Set(jobs).sorted()
        for start in stride(from: 0, to: sorted.count, by: batch) {
            let ids = sorted[start..<min(start + batch, sorted.count)].map(\.rawValue)
            let part = try await repeatable { try await intervene(intervention, on: ids, as: note, on: $0) }
            report.done += part.done
            report.refused += part.refused
            report.due += part.due
        }
        return report
    }

    private func intervene(
        _ intervention: Intervention, on ids: [Int64], as note: AuditNote, on connection: PostgresConnection
    ) async throws -> InterventionReport {
        var report = InterventionReport()
        // Locked in a statement of its own, in order: the next ones see what whoever held the locks has written.
        try await connection.execute("SELECT id FROM jobs WHERE id = ANY(\(ids)::bigint[]) ORDER BY id FOR UPDATE")
        let before = try await connection.query(
            "SELECT job_id FROM audit_jobs WHERE audit_id = \(note.id) AND job_id = ANY(\(ids)::bigint[])")
        let done = try Set(before.map { try $0.get("job_id", as: Int64.self) })
        let standings = try await standings(of: ids, on: connection)
        var able: [Int64] = []
        for standing in standings {
            let id = standing.job.rawValue
            if done.contains(id) {
                report.done.append(standing.job)
            } else if let why = standing.refusal(of: intervention) {
                report.refused.append(.init(job: id, why: why))
            } else {
                able.append(id)
                report.done.append(standing.job)
            }
        }
        let known = Set(standings.map(\.job.rawValue))
        for id in ids where !known.contains(id) { report.refused.append(.init(job: id, why: "there is no such job")) }
        if !able.isEmpty {
            try await keep(note, on: connection)
            try await connection.execute(
                """
                INSERT INTO audit_jobs (audit_id, job_id, state, stage, error)
                SELECT \(note.id), id, state, stage, error FROM jobs WHERE id = ANY(\(able)::bigint[])
                """)
            try await carryOut(intervention, on: able, on: connection)
            try await connection.execute(
                """
                UPDATE audit_jobs aj SET fence = j.fence FROM jobs j
                WHERE j.id = aj.job_id AND aj.audit_id = \(note.id) AND aj.job_id = ANY(\(able)::bigint[])
                """)
        }
        report.due = try await connection.query(
            """
            SELECT j.id, j.stage, j.priority, j.partition::bigint AS partition, j.user_id,
                   j.trace,
                   (extract(epoch FROM j.due_at - now()) * 1000)::bigint AS due_in_ms
              FROM jobs j
             WHERE j.id = ANY(\(report.done.map(\.rawValue))::bigint[]) AND j.state IN ('queued', 'waiting')
               AND NOT is_paused(j.user_id, j.channel_id, j.stage) ORDER BY j.id
            """
        ).map { try DueJob($0, hasUser: true) }
        return report
    }

    private func standings(of ids: [Int64], on connection: some PostgresExecutor) async throws -> [JobStanding] {
        try await connection.query(
            """
            SELECT j.id, j.state, j.stage, j.held_because, c.state = 'removed' AS removed,
                   may_be_out(j.id) AS sending, p.location,
                   ARRAY(SELECT kind FROM job_artifacts ja WHERE ja.job_id = j.id) AS kept
            FROM jobs j JOIN channels c ON c.id = j.channel_id LEFT JOIN publications p ON p.job_id = j.id
            WHERE j.id = ANY(\(ids)::bigint[]) ORDER BY j.id
            """
        ).map { row in
            try JobStanding(
                job: row.identifier("id"), state: row.value("state"), stage: row.value("stage"),
                heldBecause: row.get("held_because"), channelIsRemoved: row.get("removed"),
                mayBeOut: row.get("sending"), location: row.get("location"),
                kept: Set(row.get("kept", as: [String].self).compactMap(Artifact.Kind.init)))
        }
    }

    private func carryOut(
        _ intervention: Intervention, on ids: [Int64], on connection: PostgresConnection
    ) async throws {
        switch intervention {
        case .retry, .approve:
            // A dead letter keeps its last error until the next try ends. Whether it runs alone is forgotten as well:
            // a person says that its cause is mended.
            try await connection.execute(
                """
                UPDATE jobs SET state = 'queued', held_because = NULL, fence = fence + 1, due_at = now(), tries = 0,
                       alone = false, lonely_deaths = 0, updated_at = now(), finished_at = NULL
                WHERE id = ANY(\(ids)::bigint[])
                """)
        case .cancel, .reject:
            // One by one, in order of their ids: the function is the one place that ends a job under its worker.
            try await connection.execute(
                "SELECT cancel_job(id) FROM (SELECT unnest(\(ids)::bigint[]) AS id ORDER BY 1) them")
        case .drop:
            try await connection.execute(
                """
                UPDATE jobs SET state = 'cancelled', fence = fence + 1, updated_at = now(), finished_at = now()
                WHERE id = ANY(\(ids)::bigint[])
                """)
        case .redo(let from):
            try await redo(from, ids, on: connection)
        }
    }

    private func redo(_ from: Stage, _ ids: [Int64], on connection: PostgresConnection) async throws {
        // What is used again must not be deleted meanwhile.
        let needed = from.needs.map(\.rawValue).sorted()
        let cleared = try await connection.query(
            """
            UPDATE artifacts a SET doomed_at = NULL FROM (
                SELECT sha256 FROM artifacts WHERE sha256 IN (
                    SELECT sha256 FROM job_artifacts
                     WHERE job_id = ANY(\(ids)::bigint[]) AND kind = ANY(\(needed)::text[]))
                ORDER BY sha256 FOR UPDATE) used
            WHERE a.sha256 = used.sha256 RETURNING a.sha256
            """)
        let kept = try await connection.query(
            """
            SELECT count(*) AS all, count(DISTINCT sha256) AS files FROM job_artifacts
            WHERE job_id = ANY(\(ids)::bigint[]) AND kind = ANY(\(needed)::text[])
            """
        ).only("count of artifacts")
        guard try kept.get("all", as: Int64.self) == Int64(ids.count * needed.count),
            try kept.get("files", as: Int64.self) == Int64(cleared.count)
        else {
            throw LedgerError(.refused, "Artifacts of these jobs are being deleted just now. Ask again.")
        }
        let remade = Stage.allCases.filter { $0 >= from }.flatMap(\.makes).map(\.rawValue).sorted()
        try await connection.execute(
            "DELETE FROM job_artifacts WHERE job_id = ANY(\(ids)::bigint[]) AND kind = ANY(\(remade)::text[])")
        if from == .script {
            // The item made no video: it may be told after all.
            try await connection.execute("DELETE FROM source_items WHERE job_id = ANY(\(ids)::bigint[])")
        }
        try await connection.execute(
            """
            UPDATE jobs SET state = 'queued', stage = \(from.rawValue), held_because = NULL, fence = fence + 1,
                   due_at = now(), tries = 0, alone = false, lonely_deaths = 0, updated_at = now(), finished_at = NULL
            WHERE id = ANY(\(ids)::bigint[])
            """)
    }
}

extension Ledger {
    /// What `intervene` would do, without doing it.
    package func weigh(_ intervention: Intervention, on jobs: [Job.ID]) async throws -> InterventionReport {
        var report = InterventionReport()
        for standing in try await standings(of: jobs.map(\.rawValue), on: database) {
            if let why = standing.refusal(of: intervention) {
                report.refused.append(.init(job: standing.job.rawValue, why: why))
            } else {
                report.done.append(standing.job)
            }
        }
        return report
    }
}
