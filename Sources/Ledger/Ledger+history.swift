package import FoundationEssentials
import Postgres
package import Production

/// One thing that happened to a job, as `job log` tells it. What it does not have is nil.
package struct HistoryEntry: Sendable, Codable, Equatable {
    package let at: Date
    /// `created`, `queued` where it waited for long, `begun`, how an attempt ended (`succeeded`, `retried`, …), `reserved`,
    /// `sending`, `published`, `by hand`, or how the job ended (`dead`, `cancelled`, `skipped`).
    package let what: String
    package var stage: Stage?
    /// The fence that the attempt held, or that a hand took.
    package var attempt: Int64?
    package var worker: String?
    package var host: String?
    /// How long an attempt took, or a job waited.
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
    /// What kept it waiting.
    package var wait: PastWait?

    private enum CodingKeys: String, CodingKey {
        case at, what, stage, attempt, worker, host, seconds, provider, notes, error, detail, wait
        case amount = "amountMicroUSD"
        case inDoubt = "inDoubtMicroUSD"
    }

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
        let attempts = try await attempts(of: id)
        let hands = try await hands(on: id)
        var entries = [created]
        entries += try await attemptEntries(attempts, of: id)
        entries += try await waitEntries(attempts, hands, of: job)
        entries += try await reservationEntries(of: id)
        entries += try await publicationEntries(of: id)
        for (index, hand) in hands.enumerated() {
            if let ended = hand.earlierEnd(after: attempts, hands.prefix(index), createdAt: job.createdAt) {
                entries.append(ended)
            }
            entries.append(hand.entry)
        }
        if let end = job.finishedAt {
            var ended = HistoryEntry(end, job.state.rawValue)
            (ended.stage, ended.amount) = (job.stage, job.cost)
            entries.append(ended)
        }
        return entries.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }

    /// What people did to a job, in order.
    private func hands(on id: Job.ID) async throws -> [Hand] {
        try await database.query(
            """
            SELECT a.at, a.who, a.host, a.action, a.reason, aj.state, aj.stage, aj.fence
            FROM audit_jobs aj JOIN audits a ON a.id = aj.audit_id
            WHERE aj.job_id = \(id.rawValue) ORDER BY a.at, a.id
            """
        ).map { row in
            var entry = HistoryEntry(try row.get("at"), "by hand")
            let (who, host, reason): (String, String, String) = try (row.get("who"), row.get("host"), row.get("reason"))
            let action: String = try row.get("action")
            entry.detail = "\(action), by \(who) on \(host)" + (reason.isEmpty ? "" : ": \(reason)")
            entry.attempt = try row.get("fence")
            return try Hand(entry: entry, before: row.value("state"), stage: row.value("stage"))
        }
    }

    /// Where it waited for two seconds and longer before an attempt, and why. What was put off until a time said so.
    private func waitEntries(
        _ attempts: [AttemptReport], _ hands: [Hand], of job: JobReport
    ) async throws -> [HistoryEntry] {
        var entries: [HistoryEntry] = []
        var (free, isPutOff) = (job.createdAt, false)
        for attempt in attempts {
            let (start, stage) = (attempt.startedAt, attempt.stage)
            if let hand = hands.last(where: { $0.entry.at > free && $0.entry.at <= start }) {
                (free, isPutOff) = (hand.entry.at, false)
            }
            if start.timeIntervalSince(free) >= 2 {
                let wait = try await pastWait(of: Job.ID(job.id), at: stage, from: free, to: start)
                if !isPutOff || !wait.stops.isEmpty {
                    var entry = HistoryEntry(free, "queued")
                    (entry.stage, entry.seconds, entry.wait) = (stage, start.timeIntervalSince(free), wait)
                    entries.append(entry)
                }
            }
            free = attempt.endedAt ?? start
            isPutOff = attempt.state == .retried || attempt.state == .limited
        }
        return entries
    }

    private func attemptEntries(_ attempts: [AttemptReport], of id: Job.ID) async throws -> [HistoryEntry] {
        let spent = try await database.query(
            """
            SELECT a.fence::bigint AS fence, sum(r.amount)::bigint AS amount,
                   COALESCE(sum(r.amount) FILTER (WHERE r.in_doubt), 0)::bigint AS in_doubt
            FROM cost_rows r JOIN attempts a ON a.id = r.attempt_id WHERE r.job_id = \(id.rawValue) GROUP BY 1
            """)
        var amounts: [Int64: (MicroDollars, MicroDollars)] = [:]
        for row in spent { amounts[try row.get("fence")] = try (row.dollars("amount"), row.dollars("in_doubt")) }
        return attempts.flatMap { attempt in
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
            entry.detail = "from here on the first byte of \(try row.get("marker", as: String.self)) may go out"
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

/// What a person did to a job, and how it stood before.
private struct Hand {
    let entry: HistoryEntry
    let before: JobState
    let stage: Stage

    /// The end that this hand took back: nothing else remembers it. It came with whatever happened last before.
    func earlierEnd(
        after attempts: [AttemptReport], _ hands: ArraySlice<Hand>, createdAt: Date
    ) -> HistoryEntry? {
        guard before.isFinished else { return nil }
        let ends = attempts.compactMap(\.endedAt) + hands.map(\.entry.at)
        var ended = HistoryEntry(ends.filter { $0 <= entry.at }.max() ?? createdAt, before.rawValue)
        ended.stage = stage
        return ended
    }
}
