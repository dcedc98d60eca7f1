import FoundationEssentials
import Postgres
package import Production

/// Files of stock items, kept for whichever job wants the same next.
extension Ledger {
    /// The file that was kept for an item in this size; nil if there is none, or it is to be deleted. It counts as used now.
    package func stockFile(of item: StockItem) async throws -> Artifact? {
        let rows = try await database.query(
            """
            UPDATE stock_files f SET used_at = now() FROM artifacts a
             WHERE f.provider = \(item.name.provider.rawValue) AND f.kind = \(item.name.kind.rawValue)
               AND f.id = \(item.name.id) AND f.width = \(Int32(item.width)) AND f.height = \(Int32(item.height))
               AND a.sha256 = f.sha256 AND a.doomed_at IS NULL
            RETURNING a.sha256, a.bytes
            """)
        guard let row = rows.first, let id = Artifact.ID(bytes: try row.get("sha256")) else { return nil }
        try await tally(item.name.provider, .download, spared: 1)
        return Artifact(id: id, bytes: try row.get("bytes"))
    }

    /// Those of the items of which a file is kept in this size. None of them counts as used.
    package func stockFiles(of items: [StockItem]) async throws -> Set<StockItem.Name> {
        guard !items.isEmpty else { return [] }
        let names = items.map(\.name)
        let rows = try await database.query(
            """
            SELECT f.provider, f.kind, f.id
              FROM unnest(\(names.map(\.provider.rawValue))::text[], \(names.map(\.kind.rawValue))::text[],
                          \(names.map(\.id))::text[], \(items.map { Int64($0.width) })::bigint[],
                          \(items.map { Int64($0.height) })::bigint[]) AS i(provider, kind, id, width, height)
              JOIN stock_files f USING (provider, kind, id, width, height)
              JOIN artifacts a ON a.sha256 = f.sha256 AND a.doomed_at IS NULL
            """)
        return Set(
            try rows.map { row in
                try StockItem.Name(ProviderName(row.get("provider")), row.value("kind"), row.get("id"))
            })
    }

    /// Notes an artifact that was claimed before as an item's file.
    package func keepStockFile(_ artifact: Artifact, of item: StockItem) async throws {
        try await database.execute(
            """
            INSERT INTO stock_files (provider, kind, id, width, height, sha256, item)
            VALUES (\(item.name.provider.rawValue), \(item.name.kind.rawValue), \(item.name.id), \(Int32(item.width)),
                    \(Int32(item.height)), \(artifact.id.bytes), \(Self.stockJSON(item))::jsonb)
            ON CONFLICT (provider, kind, id, width, height) DO UPDATE SET
                sha256 = EXCLUDED.sha256, item = EXCLUDED.item, kept_at = now(), used_at = now()
            """)
        try await tally(item.name.provider, .download, made: 1)
    }

    /// Forgets an item's file, which is gone or no good.
    package func forgetStockFile(of item: StockItem) async throws {
        try await database.execute(
            """
            DELETE FROM stock_files
             WHERE provider = \(item.name.provider.rawValue) AND kind = \(item.name.kind.rawValue)
               AND id = \(item.name.id) AND width = \(Int32(item.width)) AND height = \(Int32(item.height))
            """)
    }

    /// Whose work the file is, in whatever size; empty if it is no library's.
    package func stockItems(of artifact: Artifact.ID) async throws -> [StockItem] {
        try await database.query(
            """
            SELECT item::text AS item FROM stock_files WHERE sha256 = \(artifact.bytes)
            UNION SELECT item::text FROM stock_uses WHERE sha256 = \(artifact.bytes)
            """
        ).map { try Self.item($0.get("item")) }
    }

    /// How often libraries were asked on some days, and how often that was spared by what is kept.
    ///
    /// - Parameters:
    ///   - first: nil for the earliest day.
    ///   - last: nil for the latest.
    ///   - provider: nil for all.
    package func stockTally(
        from first: String? = nil, through last: String? = nil, provider: String? = nil
    ) async throws -> [StockTally] {
        try await database.query(
            """
            SELECT provider, what, sum(made)::bigint AS made, sum(spared)::bigint AS spared FROM stock_tally
             WHERE day BETWEEN COALESCE(\(first)::date, '-infinity') AND COALESCE(\(last)::date, 'infinity')
               AND provider = COALESCE(\(provider)::text, provider)
             GROUP BY provider, what ORDER BY provider, what
            """
        ).map { row in
            try StockTally(
                provider: ProviderName(row.get("provider")), what: row.value("what"), made: row.get("made"),
                spared: row.get("spared"))
        }
    }

    func tally(_ provider: ProviderName, _ what: StockTally.What, made: Int = 0, spared: Int = 0) async throws {
        try await database.execute(
            """
            INSERT INTO stock_tally AS t (day, provider, what, made, spared)
            VALUES ((now() AT TIME ZONE \(settings.zone))::date, \(provider.rawValue), \(what.rawValue), \(made), \(spared))
            ON CONFLICT (day, provider, what) DO UPDATE SET made = t.made + EXCLUDED.made, spared = t.spared + EXCLUDED.spared
            """)
    }
}

/// What was asked of a stock library, and what was had without asking.
package struct StockTally: Sendable, Equatable, Codable {
    package enum What: String, Sendable, Codable { case search, download }

    package let provider: ProviderName
    package let what: What
    package let made: Int
    package let spared: Int

    package init(provider: ProviderName, what: What, made: Int, spared: Int) {
        (self.provider, self.what, self.made, self.spared) = (provider, what, made, spared)
    }
}
