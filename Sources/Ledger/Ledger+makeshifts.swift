import Postgres
package import Production

/// What finished attempts have done without, because a provider would not: the video is published all the same, and somebody may
/// want to know.
package struct Makeshift: Sendable, Equatable, Codable {
    /// The notes of an attempt that say so: providers of voices that were passed over, and stock libraries that gave trouble.
    package static let notes = ["passed_over", "stock_trouble"]

    package let stage: Stage
    /// How many attempts did without.
    package let count: Int
    /// The latest of their jobs, and what was noted in it.
    package let job: Job.ID
    package let words: String

    package init(stage: Stage, count: Int, job: Job.ID, words: String) {
        (self.stage, self.count, self.job, self.words) = (stage, count, job, words)
    }
}

extension Ledger {
    /// What was done without in the last time, of each kind the latest.
    package func makeshifts(since age: Duration) async throws -> [Makeshift] {
        try await database.query(
            """
            SELECT DISTINCT ON (n.key) a.stage, count(*) OVER (PARTITION BY n.key) AS count, a.job_id AS job, n.value AS words
              FROM attempts a CROSS JOIN LATERAL jsonb_each_text(a.notes) AS n (key, value)
             WHERE a.started_at > now() - \("\(age.milliseconds) milliseconds")::interval AND a.state = 'succeeded'
               AND n.key = ANY(\(Makeshift.notes)::text[])
             ORDER BY n.key, a.started_at DESC
            """
        ).map { row in
            try Makeshift(
                stage: row.value("stage"), count: row.get("count", as: Int.self), job: row.identifier("job"),
                words: row.get("words"))
        }
    }
}
