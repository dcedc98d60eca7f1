import Postgres
package import Production

extension Ledger {
    /// How many of a job's attempts at a stage ended because what an earlier stage had made could not be used, since a
    /// person last did something about the job.
    package func timesSentBack(_ job: Job.ID, from stage: Stage) async throws -> Int {
        try await database.query(
            """
            SELECT count(*) FROM attempts
            WHERE job_id = \(job.rawValue) AND stage = \(stage.rawValue) AND notes ? \(EndBatch.sentBackTo)
              AND fence > COALESCE((SELECT max(fence) FROM audit_jobs WHERE job_id = \(job.rawValue)), 0)
            """)[0].get(0)
    }
}
