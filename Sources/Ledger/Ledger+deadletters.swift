package import FoundationEssentials
import Postgres
package import Production

/// Dead letters of one cause at one stage.
package struct DeadLetterGroup: Sendable, Codable {
    /// Six letters that name it in commands.
    package let cause: String
    package let stage: Stage
    package let provider: String
    /// The answer, without the ids and numbers that differ.
    package let pattern: String
    package let count: Int64
    package let users: Int64
    package let oldest: Date
    package let newest: Date
    /// The newest of them.
    package let jobs: [Int64]
    /// Whose they are: one name for each of `jobs`.
    package let jobUsers: [String]
    /// What the newest one said, whole.
    package let example: JobError?
}

extension Ledger {
    /// Dead letters by cause, the largest group first.
    ///
    /// - Parameter jobs: how many of each group's jobs are named.
    package func deadLetterGroups(_ filter: JobFilter = JobFilter(), naming jobs: Int = 20) async throws
        -> [DeadLetterGroup]
    {
        var filter = filter
        filter.states = [.dead]
        return try await database.query(
            """
            SELECT error_cause(j.error) AS cause, min(j.stage) AS stage,
                   COALESCE(min(j.error->>'provider'), '') AS provider,
                   COALESCE(min(error_pattern(j.error->>'answer')), '') AS pattern, count(*) AS count,
                   count(DISTINCT j.user_id) AS users, min(j.finished_at) AS oldest, max(j.finished_at) AS newest,
                   (array_agg(j.id ORDER BY j.id DESC))[1:\(Int64(jobs))::integer] AS jobs,
                   (array_agg(u.name ORDER BY j.id DESC))[1:\(Int64(jobs))::integer] AS job_users,
                   ((array_agg(j.error ORDER BY j.id DESC))[1])::text AS example
            FROM jobs j JOIN users u ON u.id = j.user_id JOIN channels c ON c.id = j.channel_id
            WHERE \(filter.condition)
            GROUP BY 1 ORDER BY count(*) DESC, max(j.finished_at) DESC
            """
        ).map { row in
            try DeadLetterGroup(
                cause: row.get("cause"), stage: row.value("stage"), provider: row.get("provider"),
                pattern: row.get("pattern"), count: row.get("count"), users: row.get("users"),
                oldest: row.get("oldest"), newest: row.get("newest"), jobs: row.get("jobs"),
                jobUsers: row.get("job_users"),
                example: row.jobError("example"))
        }
    }
}
