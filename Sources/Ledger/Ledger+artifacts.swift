import FoundationEssentials
import Postgres
package import Production

extension Ledger {
    /// Clears the doom of artifacts that are about to be used again, before they are used. After it the caller looks
    /// whether the files are still there.
    ///
    /// What is claimed at the same time goes to Postgres in one call. What is known and not doomed is only looked at.
    package func claim(_ artifacts: [Artifact]) async throws {
        guard !artifacts.isEmpty else { return }
        let answer = try await claims.ask(artifacts, on: UUID()) { asked in
            try await gathering(asked) { asked in
                try await claimAll(asked.flatMap(\.self))
                return asked.map { _ in true }
            }
        }
        if answer == nil { try await claimAll(artifacts) }
    }

    /// Undooming first: it waits for a deletion under way, and what that took away is then inserted anew.
    private func claimAll(_ artifacts: [Artifact]) async throws {
        let hashes = artifacts.map(\.id.bytes)
        _ = try await database.run([
            "UPDATE artifacts SET doomed_at = NULL WHERE sha256 = ANY (\(hashes)::bytea[]) AND doomed_at IS NOT NULL",
            """
            INSERT INTO artifacts (sha256, bytes)
            SELECT DISTINCT ON (sha256) sha256, bytes
              FROM unnest(\(hashes)::bytea[], \(artifacts.map(\.bytes))::bigint[]) AS a(sha256, bytes)
             WHERE NOT EXISTS (SELECT FROM artifacts f WHERE f.sha256 = a.sha256)
             ORDER BY sha256
            ON CONFLICT (sha256) DO NOTHING
            """,
        ])
    }

    /// Marks what no unfinished or dead job refers to, no job that ended within `keep`, what is no piece of one, and no stock
    /// that was used within `keep`. Answers how many.
    package func doomArtifacts(keep: Duration) async throws -> Int {
        let kept = "\(keep.milliseconds) milliseconds"
        return try await database.execute(
            """
            UPDATE artifacts a SET doomed_at = now()
             WHERE doomed_at IS NULL AND created_at < now() - \(kept)::interval
               AND NOT EXISTS (
                   SELECT FROM job_artifacts ja JOIN jobs j ON j.id = ja.job_id
                    WHERE ja.sha256 = a.sha256
                      AND (j.finished_at IS NULL OR j.is_dead OR j.finished_at > now() - \(kept)::interval))
               AND NOT EXISTS (SELECT FROM job_pieces p WHERE p.sha256 = a.sha256)
               AND NOT EXISTS (
                   SELECT FROM stock_files s WHERE s.sha256 = a.sha256 AND s.used_at > now() - \(kept)::interval)
            """)
    }

    /// Deletes artifacts that have been doomed for longer than any stage may last, file first: a file without a row is
    /// made again, a row without a file would be an error. Answers what was deleted.
    ///
    /// - Throws: the first error, once all the others are deleted: one file that can't be removed keeps no other.
    package func deleteDoomed(
        after wait: Duration, limit: Int = 100, removeFile: @Sendable (Artifact) async throws -> Void
    ) async throws -> [Artifact] {
        let rows = try await database.query(
            """
            SELECT sha256, bytes FROM artifacts
            WHERE doomed_at < now() - \("\(wait.milliseconds) milliseconds")::interval
            ORDER BY doomed_at LIMIT \(Int64(limit))
            """)
        var deleted: [Artifact] = []
        var failure: (any Error)?
        for row in rows {
            guard let id = Artifact.ID(bytes: try row.get("sha256")) else { continue }
            let artifact = Artifact(id: id, bytes: try row.get("bytes"))
            do {
                let gone = try await database.transaction { connection in
                    let still = try await connection.query(
                        "SELECT FROM artifacts WHERE sha256 = \(id.bytes) AND doomed_at IS NOT NULL FOR UPDATE")
                    guard !still.isEmpty else { return false }
                    // Dooming looked without a lock: a job may have come to refer to it since.
                    let needed = try await connection.execute(
                        """
                        UPDATE artifacts SET doomed_at = NULL WHERE sha256 = \(id.bytes) AND EXISTS (
                            SELECT FROM job_artifacts ja JOIN jobs j ON j.id = ja.job_id
                             WHERE ja.sha256 = artifacts.sha256 AND (j.finished_at IS NULL OR j.is_dead)
                            UNION ALL
                            SELECT FROM job_pieces p JOIN jobs j ON j.id = p.job_id
                             WHERE p.sha256 = artifacts.sha256 AND j.finished_at IS NULL)
                        """)
                    guard needed == 0 else { return false }
                    try await removeFile(artifact)
                    try await connection.execute("DELETE FROM job_artifacts WHERE sha256 = \(id.bytes)")
                    try await connection.execute("DELETE FROM job_pieces WHERE sha256 = \(id.bytes)")
                    try await connection.execute("DELETE FROM stock_files WHERE sha256 = \(id.bytes)")
                    try await connection.execute("DELETE FROM artifacts WHERE sha256 = \(id.bytes)")
                    return true
                }
                if gone { deleted.append(artifact) }
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return deleted
    }
}
