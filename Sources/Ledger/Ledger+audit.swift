package import FoundationEssentials
import Postgres
package import Production

/// Who does something by hand, and why.
package struct AuditNote: Sendable {
    /// Made before it is sent, so that it is kept once.
    package var id: UUID
    package var who: String
    package var host: String
    /// The command's words: `job retry`.
    package var action: String
    /// What it was asked for, as it was typed.
    package var subject: String
    package var reason: String

    package init(id: UUID, who: String, host: String, action: String, subject: String, reason: String) {
        (self.id, self.who, self.host) = (id, who, host)
        (self.action, self.subject, self.reason) = (action, subject, reason)
    }
}

/// One thing that a person did, as `audit list` and `job log` tell it.
package struct AuditReport: Sendable, Codable {
    package let at: Date
    package let who: String
    package let host: String
    package let action: String
    package let subject: String
    package let reason: String
    /// How many jobs it changed.
    package let count: Int64
    /// The first hundred of them.
    package let jobs: [Int64]
}

extension Ledger {
    /// Keeps what a person did. Safe to ask again with the same id.
    package func keep(_ note: AuditNote) async throws {
        try await repeatable { try await keep(note, on: $0) }
    }

    func keep(_ note: AuditNote, on connection: PostgresConnection) async throws {
        try await connection.execute(
            """
            INSERT INTO audits (id, who, host, action, subject, reason)
            VALUES (\(note.id), \(note.who), \(note.host), \(note.action), \(note.subject), \(note.reason))
            ON CONFLICT (id) DO NOTHING
            """)
    }

    /// The latest first.
    package func audits(
        of job: Job.ID? = nil, by who: String? = nil, limit: Int = 50
    ) async throws -> [AuditReport] {
        try await database.query(
            """
            SELECT a.at, a.who, a.host, a.action, a.subject, a.reason,
                   (SELECT count(*) FROM audit_jobs aj WHERE aj.audit_id = a.id) AS count,
                   ARRAY(SELECT job_id FROM audit_jobs aj WHERE aj.audit_id = a.id ORDER BY job_id LIMIT 100) AS jobs
            FROM audits a
            WHERE (\(job?.rawValue)::bigint IS NULL
                   OR a.id IN (SELECT audit_id FROM audit_jobs WHERE job_id = \(job?.rawValue)::bigint))
              AND (\(who)::text IS NULL OR a.who ILIKE '%' || \(who)::text || '%')
            ORDER BY a.at DESC, a.id LIMIT \(Int64(limit))
            """
        ).map { row in
            try AuditReport(
                at: row.get("at"), who: row.get("who"), host: row.get("host"), action: row.get("action"),
                subject: row.get("subject"), reason: row.get("reason"), count: row.get("count"), jobs: row.get("jobs"))
        }
    }
}
