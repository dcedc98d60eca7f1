package import FoundationEssentials
import Postgres
package import Production

/// The stock libraries' memory, in Postgres: the same for all workers.
extension Ledger: StockMemory {
    // MARK: Answers

    package func answer(
        of provider: ProviderName, to request: String, within age: Duration
    ) async throws -> [UInt8]? {
        let rows = try await database.query(
            """
            SELECT body FROM stock_answers
             WHERE provider = \(provider.rawValue) AND request = \(request)
               AND kept_at > now() - \("\(age.milliseconds) milliseconds")::interval
            """)
        guard let row = rows.first else { return nil }
        try await tally(provider, .search, spared: 1)
        return try row.get("body")
    }

    package func keep(_ answer: [UInt8], of provider: ProviderName, to request: String) async throws {
        _ = try await database.run([
            """
            INSERT INTO stock_answers (provider, request, body) VALUES (\(provider.rawValue), \(request), \(answer))
            ON CONFLICT (provider, request) DO UPDATE SET body = EXCLUDED.body, kept_at = now()
            """,
            // Nobody asks for one that is older than a week.
            "DELETE FROM stock_answers WHERE kept_at < now() - interval '8 days'",
        ])
    }

    // MARK: Rates

    package func admit(_ key: StockKey, calls: Int, within period: Duration) async throws -> Date? {
        let length = "\(period.milliseconds) milliseconds"
        let admitted = try await database.query(
            """
            INSERT INTO stock_keys AS k (provider, fingerprint, calls)
            VALUES (\(key.provider.rawValue), \(key.fingerprint), 1)
            ON CONFLICT (provider, fingerprint) DO UPDATE SET
                period_began = CASE WHEN k.period_began <= now() - \(length)::interval THEN now() ELSE k.period_began END,
                calls = CASE WHEN k.period_began <= now() - \(length)::interval THEN 1 ELSE k.calls + 1 END
            WHERE (k.closed_until IS NULL OR k.closed_until <= now())
              AND (k.period_began <= now() - \(length)::interval OR k.calls < \(Int64(calls)))
            RETURNING 1
            """)
        guard admitted.isEmpty else {
            try await tally(key.provider, .search, made: 1)
            return nil
        }
        return try await database.query(
            """
            SELECT GREATEST(now(), closed_until,
                CASE WHEN calls >= \(Int64(calls)) THEN period_began + \(length)::interval END) AS opens
              FROM stock_keys WHERE provider = \(key.provider.rawValue) AND fingerprint = \(key.fingerprint)
            """
        ).only("key of \(key.provider)").get("opens")
    }

    package func note(_ rate: StockRate, of key: StockKey) async throws {
        try await database.execute(
            """
            INSERT INTO stock_keys AS k (provider, fingerprint, remaining, resets_at, closed_until)
            VALUES (\(key.provider.rawValue), \(key.fingerprint), \(rate.remaining.map { Int64($0) }), \(rate.resetsAt),
                    \(rate.closedUntil))
            ON CONFLICT (provider, fingerprint) DO UPDATE SET
                remaining = COALESCE(EXCLUDED.remaining, k.remaining),
                resets_at = COALESCE(EXCLUDED.resets_at, k.resets_at),
                closed_until = GREATEST(k.closed_until, EXCLUDED.closed_until)
            """)
    }

    /// What is known of the key's rate; nil if nothing is.
    package func stockRate(of key: StockKey) async throws -> StockRate? {
        let rows = try await database.query(
            """
            SELECT remaining::bigint AS remaining, resets_at, closed_until FROM stock_keys
             WHERE provider = \(key.provider.rawValue) AND fingerprint = \(key.fingerprint)
            """)
        return try rows.first.map { row in
            let remaining: Int64? = try row.get("remaining")
            return try StockRate(
                remaining: remaining.map { Int($0) }, resetsAt: row.get("resets_at"),
                closedUntil: row.get("closed_until"))
        }
    }

    // MARK: Uses

    package func shown(
        on channel: Channel.ID, since: Date, besides job: Job.ID
    ) async throws -> Set<StockItem.Name> {
        let rows = try await database.query(
            """
            SELECT DISTINCT provider, kind, id FROM stock_uses
             WHERE channel_id = \(channel.rawValue) AND used_at > \(since) AND job_id <> \(job.rawValue)
            """)
        return Set(
            try rows.map { row in
                try StockItem.Name(ProviderName(row.get("provider")), row.value("kind"), row.get("id"))
            })
    }

    package func uses(of job: Job.ID) async throws -> [StockUse] {
        let rows = try await database.query(
            """
            SELECT scene::bigint AS scene, part::bigint AS part, about, item::text AS item, sha256, told_at IS NOT NULL AS is_told
              FROM stock_uses WHERE job_id = \(job.rawValue) ORDER BY scene, part
            """)
        return try rows.map { row in
            guard let artifact = Artifact.ID(bytes: try row.get("sha256")) else {
                throw LedgerError(.invalid, "A stock file's digest is none.")
            }
            return try StockUse(
                place: StockPlace(scene: row.get("scene", as: Int.self), part: row.get("part", as: Int.self)),
                about: row.get("about"), item: Self.item(row.get("item")), artifact: artifact,
                isTold: row.get("is_told"))
        }
    }

    package func take(
        _ use: StockUse, for job: Job.ID, on channel: Channel.ID, since: Date
    ) async throws -> Bool {
        let (name, place) = (use.item.name, use.place)
        let item = try Self.stockJSON(use.item)
        return try await repeatable { connection in
            // Whoever takes something for this channel does so one after the other.
            try await connection.execute(
                "SELECT FROM channels WHERE id = \(channel.rawValue) FOR NO KEY UPDATE")
            let taken = try await connection.query(
                """
                INSERT INTO stock_uses (job_id, scene, part, about, channel_id, provider, kind, id, item, sha256, told_at)
                SELECT \(job.rawValue), \(Int32(place.scene)), \(Int32(place.part)), \(use.about), \(channel.rawValue),
                       \(name.provider.rawValue), \(name.kind.rawValue), \(name.id), \(item)::jsonb,
                       \(use.artifact.bytes), CASE WHEN \(use.isTold) THEN now() END
                 WHERE NOT EXISTS (
                       SELECT FROM stock_uses u
                        WHERE u.provider = \(name.provider.rawValue) AND u.kind = \(name.kind.rawValue)
                          AND u.id = \(name.id)
                          AND (u.job_id <> \(job.rawValue) AND u.channel_id = \(channel.rawValue) AND u.used_at > \(since)
                               OR u.job_id = \(job.rawValue)
                                  AND (u.scene, u.part) <> (\(Int32(place.scene)), \(Int32(place.part)))))
                ON CONFLICT (job_id, scene, part) DO UPDATE SET
                    about = EXCLUDED.about, channel_id = EXCLUDED.channel_id, provider = EXCLUDED.provider, kind = EXCLUDED.kind,
                    id = EXCLUDED.id, item = EXCLUDED.item, sha256 = EXCLUDED.sha256, used_at = now(),
                    told_at = EXCLUDED.told_at
                RETURNING 1
                """)
            return !taken.isEmpty
        }
    }

    package func told(_ place: StockPlace, of job: Job.ID) async throws {
        try await database.execute(
            """
            UPDATE stock_uses SET told_at = COALESCE(told_at, now())
             WHERE job_id = \(job.rawValue) AND scene = \(Int32(place.scene)) AND part = \(Int32(place.part))
            """)
    }

    package func drop(_ place: StockPlace, of job: Job.ID) async throws {
        try await database.execute(
            """
            DELETE FROM stock_uses
             WHERE job_id = \(job.rawValue) AND scene = \(Int32(place.scene)) AND part = \(Int32(place.part))
            """)
    }

    static func item(_ json: String) throws -> StockItem {
        try JSONDecoder().decode(StockItem.self, from: Data(json.utf8))
    }

    static func stockJSON(_ item: StockItem) throws -> String {
        String(decoding: try JSONEncoder().encode(item), as: UTF8.self)
    }
}
