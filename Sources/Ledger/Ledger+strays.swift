package import FoundationEssentials
import Postgres
import Production

extension Ledger {
    /// Attempts that stand open in this worker's name though it holds them no more: a begin whose answer never came, or
    /// an end that Postgres refused. As long as the worker beats they would keep their jobs for ever, so the worker
    /// itself gives them back. Only those older than a lease: a begin may be under way.
    package func strays(of worker: WorkerIdentity, holding held: [UUID]) async throws -> [OpenAttempt] {
        try await database.query(
            """
            SELECT id, job_id, stage, fence::bigint AS fence FROM attempts
             WHERE worker = \(worker.name) AND incarnation = \(worker.incarnation) AND state = 'running'
               AND id <> ALL(\(held)::uuid[]) AND started_at < now() - \(lease)::interval
            """
        ).map {
            try OpenAttempt(
                id: $0.get("id"), job: $0.identifier("job_id"), stage: $0.value("stage"),
                fence: Int($0.get("fence", as: Int64.self)))
        }
    }
}
