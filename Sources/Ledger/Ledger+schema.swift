import Postgres

extension Ledger {
    /// The number of the newest migration that this program knows.
    package static var knownSchema: Int { ledgerMigrations.last?.version ?? 0 }

    /// The number of the newest migration that the database has had.
    package func newestSchema() async throws -> Int {
        try await database.query("SELECT COALESCE(max(version), 0) AS version FROM schema_migrations")
            .only("newest migration").get("version")
    }
}
