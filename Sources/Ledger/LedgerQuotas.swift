package import FoundationEssentials
import Postgres
package import Production

/// What was used of a quota on its day, for a person.
package struct QuotaUse: Sendable, Equatable, Codable {
    package let provider: String
    package let owner: String
    package let bucket: String
    /// `YYYY-MM-DD` in California.
    package let day: String
    package let used: Int
    package let limit: Int
    /// Until when the provider refuses, whatever was counted here; nil if it does not.
    package let exhaustedUntil: Date?
    /// When it is filled again.
    package let resetsAt: Date
}

/// The quotas in Postgres, by whose clock and time zones their days begin.
package struct LedgerQuotas: QuotaBook {
    private let database: PostgresPool

    package init(_ ledger: Ledger) { database = ledger.database }

    package func take(_ amount: Int, of quota: Quota, for provider: ProviderName) async throws {
        let asked = "take \(amount) of \(quota.limit) \(quota.bucket) a day of \(quota.owner)"
        guard amount <= quota.limit else {
            throw StageFailure(
                .permanent, provider: provider, asked: asked, answer: "no day has so many: raise the configured limit")
        }
        let row = try await database.query(
            """
            SELECT taken, opens FROM take_quota(\(provider.rawValue), \(quota.owner), \(quota.bucket),
                                                \(Int64(amount)), \(Int64(quota.limit)), now())
            """
        ).only("answer")
        if let opens: Date = try row.get("opens") {
            throw StageFailure(
                .limited(until: opens), provider: provider, asked: asked, answer: "the quota is used up until \(opens)")
        }
    }

    @discardableResult
    package func exhausted(_ quota: Quota, at provider: ProviderName, until: Date?) async throws -> Date {
        try await database.query(
            """
            INSERT INTO quota_uses AS q (provider, owner, bucket, day, ceiling, exhausted_until)
            VALUES (\(provider.rawValue), \(quota.owner), \(quota.bucket), quota_day(now()), \(Int64(quota.limit)),
                    COALESCE(\(until)::timestamptz, quota_day_begins(quota_day(now()) + 1)))
            ON CONFLICT (provider, owner, bucket, day) DO UPDATE
                SET exhausted_until = greatest(q.exhausted_until, EXCLUDED.exhausted_until)
            RETURNING exhausted_until
            """
        ).only("answer").get("exhausted_until")
    }

    /// What was used today, and what is refused still.
    package func uses() async throws -> [QuotaUse] {
        try await database.query(
            """
            SELECT provider, owner, bucket, day::text AS day, used, ceiling,
                   CASE WHEN exhausted_until > now() THEN exhausted_until END AS exhausted_until,
                   quota_day_begins(day + 1) AS resets_at
              FROM quota_uses
             WHERE day = quota_day(now()) OR day > quota_day(now()) - 8 AND exhausted_until > now()
             ORDER BY provider, owner, bucket, day DESC
            """
        ).map { row in
            try QuotaUse(
                provider: row.get("provider"), owner: row.get("owner"), bucket: row.get("bucket"),
                day: row.get("day"), used: Int(row.get("used", as: Int64.self)),
                limit: Int(row.get("ceiling", as: Int64.self)), exhaustedUntil: row.get("exhausted_until"),
                resetsAt: row.get("resets_at"))
        }
    }

    /// When the quotas of today are filled again.
    package func nextReset() async throws -> Date {
        try await database.query("SELECT quota_day_begins(quota_day(now()) + 1) AS opens").only("answer").get("opens")
    }
}
