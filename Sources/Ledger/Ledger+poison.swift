import FoundationEssentials
import Postgres
package import Production

extension Ledger {
    /// Ends a job that has no open attempt as dead, because its workers died before any began. False if it doesn't stand at
    /// that stage, ready to begin, any more: then it is not the job that the deaths were counted for.
    package func bury(_ id: Job.ID, at stage: Stage, _ error: JobError) async throws -> Bool {
        let words = String(decoding: try JSONEncoder().encode(error), as: UTF8.self)
        let rows = try await database.query(
            """
            UPDATE jobs SET state = 'dead', finished_at = now(), updated_at = now(), fence = fence + 1, alone = true,
                   error = \(words)::jsonb
            WHERE id = \(id.rawValue) AND stage = \(stage.rawValue) AND state IN ('queued', 'waiting')
            RETURNING id
            """)
        return !rows.isEmpty
    }
}
