package import FoundationEssentials
import Postgres
package import Production

/// One thing that happened to a job, as `job log` tells it. What it does not have is nil.
package struct HistoryEntry: Sendable, Codable, Equatable {
    package let at: Date
    /// `created`, `begun`, how an attempt ended (`succeeded`, `retried`, …), `reserved`, `sending`, `published`, `by hand`,
    /// or how the job ended (`dead`, `cancelled`, `skipped`).
    package let what: String
    package var stage: Stage?
    /// The fence that the attempt held.
    package var attempt: Int64?
    package var worker: String?
    package var host: String?
    /// How long an attempt took.
    package var seconds: Double?
    package var provider: String?
    package var notes: [String: String]?
    package var error: JobError?
    /// What an attempt spent, or what is reserved.
    package var amount: MicroDollars?
    /// The part of it of which nobody knows whether it was billed.
    package var inDoubt: MicroDollars?
    /// What a person did, who and why; where a video is published; and so on.
    package var detail: String?

    init(_ at: Date, _ what: String) { (self.at, self.what) = (at, what) }
}

extension Ledger {
    /// All that happened to a job, in order.
    ///
    /// - Throws: `LedgerError(.notFound)`
    package func history(of id: Job.ID) async throws -> [HistoryEntry] {
        let job = try await job(id)
        var created = HistoryEntry(job.createdAt, "created")
        created.detail = "\(job.kind.rawValue) of \(job.day) for \(job.user) on \(job.channel)"
        var entries = [created]
        entries += try await attemptEntries(of: id)
        entries += try await reservationEntries(of: id)
        entries += try await publicationEntries(of: id)
        for audit in try await audits(of: id, limit: 1_000) {
            var entry = HistoryEntry(audit.at, "by hand")
            let why = audit.reason.isEmpty ? "" : ": \(audit.reason)"
            entry.detail = "\(audit.action), by \(audit.who) on \(audit.host)\(why)"
            entries.append(entry)
        }
        if let end = job.finishedAt {
            var ended = HistoryEntry(end, job.state.rawValue)
            (ended.stage, ended.amount) = (job.stage, job.cost)
            entries.append(ended)
        }
        return entries.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }

    private func attemptEntries(of id: Job.ID) async throws -> [HistoryEntry] {
        let spent = try await database.query(
            """
            SELECT a.fence::bigint AS fence, sum(r.amount)::bigint AS amount,
                   COALESCE(sum(r.amount) FILTER (WHERE r.in_doubt), 0)::bigint AS in_doubt
            FROM cost_rows r JOIN attempts a ON a.id = r.attempt_id WHERE r.job_id = \(id.rawValue) GROUP BY 1
            """)
        var amounts: [Int64: (MicroDollars, MicroDollars)] = [:]
        for row in spent { amounts[try row.get("fence")] = try (row.dollars("amount"), row.dollars("in_doubt")) }
        return try await attempts(of: id).flatMap { attempt in
            var begun = HistoryEntry(attempt.startedAt, "begun")
            (begun.stage, begun.attempt, begun.worker) = (attempt.stage, attempt.number, attempt.worker)
            begun.host = attempt.host
            guard let end = attempt.endedAt else { return [begun] }
            var ended = HistoryEntry(end, attempt.state.rawValue)
            (ended.stage, ended.attempt, ended.worker) = (attempt.stage, attempt.number, attempt.worker)
            (ended.host, ended.provider, ended.error) = (attempt.host, attempt.provider, attempt.error)
            ended.seconds = end.timeIntervalSince(attempt.startedAt)
            ended.notes = attempt.notes.isEmpty ? nil : attempt.notes
            if let (amount, inDoubt) = amounts[attempt.number] {
                ended.amount = amount
                ended.inDoubt = inDoubt > .zero ? inDoubt : nil
            }
            return [begun, ended]
        }
    }

    private func reservationEntries(of id: Job.ID) async throws -> [HistoryEntry] {
        try await database.query(
            """
            SELECT stage, provider, item, amount, state, created_at FROM reservations
            WHERE job_id = \(id.rawValue) ORDER BY created_at
            """
        ).map { row in
            var entry = HistoryEntry(try row.get("created_at"), "reserved")
            (entry.stage, entry.provider, entry.amount) = try (
                row.value("stage"), row.get("provider"), row.dollars("amount")
            )
            let state: String = try row.get("state")
            entry.detail =
                try row.get("item", as: String.self) + ", " + (state == "in_doubt" ? "in doubt" : state)
            return entry
        }
    }

    private func publicationEntries(of id: Job.ID) async throws -> [HistoryEntry] {
        let rows = try await database.query(
            "SELECT provider, marker, location, sending_at, published_at FROM publications WHERE job_id = \(id.rawValue)"
        )
        guard let row = rows.first else { return [] }
        var entries: [HistoryEntry] = []
        if let at: Date = try row.get("sending_at") {
            var entry = HistoryEntry(at, "sending")
            entry.provider = try row.get("provider")
            entry.detail = "the first byte of \(try row.get("marker", as: String.self)) may be out"
            entries.append(entry)
        }
        if let at: Date = try row.get("published_at") {
            var entry = HistoryEntry(at, "published")
            (entry.provider, entry.detail) = try (row.get("provider"), row.get("location"))
            entries.append(entry)
        }
        return entries
    }
}
