import Postgres
package import Production

/// What is finished of a job's stage that is not: kept for the next attempt, by names that tell what it is made from.
extension Ledger {
    /// All pieces of a job, by their names.
    package func pieces(of job: Job.ID) async throws -> [String: Artifact] {
        var pieces: [String: Artifact] = [:]
        for row in try await database.query(
            """
            SELECT p.key, a.sha256, a.bytes FROM job_pieces p JOIN artifacts a ON a.sha256 = p.sha256
            WHERE p.job_id = \(job.rawValue)
            """)
        {
            guard let id = Artifact.ID(bytes: try row.get("sha256")) else { continue }
            pieces[try row.get("key")] = Artifact(id: id, bytes: try row.get("bytes"))
        }
        return pieces
    }

    /// Notes an artifact that was claimed before as a piece of a job, in the place of one of the same name. What is to be
    /// deleted, or belongs to a job that is finished, is not noted.
    package func keepPiece(_ artifact: Artifact, of job: Job.ID, as key: String) async throws {
        try await database.execute(
            """
            INSERT INTO job_pieces (job_id, key, sha256)
            SELECT j.id, \(key), a.sha256 FROM jobs j, artifacts a
             WHERE j.id = \(job.rawValue) AND j.finished_at IS NULL
               AND a.sha256 = \(artifact.id.bytes) AND a.doomed_at IS NULL
            ON CONFLICT (job_id, key) DO UPDATE SET sha256 = EXCLUDED.sha256, made_at = now()
            """)
    }

    /// Forgets the pieces of finished jobs, and has those that nothing else refers to deleted, however short a time they
    /// have been kept. Answers how many were forgotten.
    package func freePieces() async throws -> Int {
        try await database.query(
            """
            WITH freed AS (
                DELETE FROM job_pieces p USING jobs j WHERE j.id = p.job_id AND j.finished_at IS NOT NULL
                RETURNING p.job_id, p.key, p.sha256),
            doomed AS (
                UPDATE artifacts a SET doomed_at = now()
                 WHERE a.sha256 IN (SELECT sha256 FROM freed) AND a.doomed_at IS NULL
                   AND NOT EXISTS (SELECT FROM job_artifacts ja WHERE ja.sha256 = a.sha256)
                   AND NOT EXISTS (SELECT FROM stock_files s WHERE s.sha256 = a.sha256)
                   AND NOT EXISTS (
                       SELECT FROM job_pieces p JOIN jobs j ON j.id = p.job_id
                        WHERE p.sha256 = a.sha256 AND j.finished_at IS NULL)
                RETURNING 1)
            SELECT count(*) AS count FROM freed
            """
        ).only("count").get("count", as: Int.self)
    }
}
