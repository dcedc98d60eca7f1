/// Brings a database's schema to what the binary needs, step by step, and refuses a database it doesn't fit.
///
/// What was applied is kept in the table `schema_migrations`, with a SHA-256 of each script. Any number of migrators may
/// run at once: an advisory lock lets one work while the others wait and then find nothing to do.
public struct Migrator: Sendable {
    /// Which steps a database has had, and which it still needs, in order.
    public struct Plan: Sendable, Hashable {
        public let applied: [Migration]
        public let pending: [Migration]
    }

    private struct Applied {
        let version: Int
        let name: String
        let checksum: String
    }

    /// The advisory lock's key: "schema" in ASCII.
    private static let lock: Int64 = 0x73_63_68_65_6d_61

    private let migrations: [Migration]

    public init(migrations: [Migration]) {
        self.migrations = migrations
    }

    /// Compares the database with the migrations and changes nothing.
    ///
    /// - Throws: `.migration` when a released step was changed or is missing, or when the database is newer.
    public func plan(on pool: PostgresPool) async throws -> Plan {
        try await pool.withConnection { try await plan(on: $0) }
    }

    /// Applies what is pending, each step in its own transaction. Returns the steps applied by this call.
    ///
    /// - Throws: `.migration` as `plan` does, or naming the step that failed; those before it stay applied.
    public func migrate(on pool: PostgresPool) async throws -> [Migration] {
        let session = try await pool.session(withoutStatementTimeout: true)
        do {
            let applied = try await migrate(on: session)
            await session.close()
            return applied
        } catch {
            await session.close()
            throw error
        }
    }

    private func migrate(on session: PostgresConnection) async throws(PostgresError) -> [Migration] {
        try await session.execute("SELECT pg_advisory_lock(\(Self.lock))")
        try await session.runScript(
            """
            CREATE TABLE IF NOT EXISTS schema_migrations (
                version bigint PRIMARY KEY,
                name text NOT NULL,
                checksum text NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now()
            )
            """)
        let pending = try await plan(on: session).pending
        for migration in pending {
            var conflicts = 0
            while true {
                do throws(PostgresError) {
                    try await apply(migration, on: session)
                    break
                } catch {
                    // Programs that run meanwhile lock tables in orders of their own; another try meets others.
                    guard error.isTransactionConflict, conflicts < 5 else { throw error }
                    conflicts += 1
                    try await session.runScript("ROLLBACK")
                }
            }
        }
        return pending
    }

    private func apply(_ migration: Migration, on session: PostgresConnection) async throws(PostgresError) {
        do throws(PostgresError) {
            try await session.runScript("BEGIN")
            try await session.runScript(migration.sql)
            guard await session.isInsideTransaction else {
                throw PostgresError(.migration, "the script ends its transaction itself", hint: "remove its COMMIT")
            }
            try await session.execute(
                """
                INSERT INTO schema_migrations (version, name, checksum)
                VALUES (\(migration.version), \(migration.name), encode(sha256(\(Array(migration.sql.utf8))), 'hex'))
                """)
            try await session.runScript("COMMIT")
        } catch {
            // Whatever the transaction did goes with the session, which the caller closes.
            throw error.with(code: .migration, message: "migration \(migration.name) failed: \(error.message)")
        }
    }

    private func plan(on connection: PostgresConnection) async throws(PostgresError) -> Plan {
        try checkNames()
        let exists: Bool = try await connection.query("SELECT to_regclass('schema_migrations') IS NOT NULL")[0].get(0)
        guard exists else { return Plan(applied: [], pending: migrations) }
        var applied: [Applied] = []
        for row in try await connection.query("SELECT version, name, checksum FROM schema_migrations ORDER BY version")
        {
            applied.append(
                Applied(version: try row.get("version"), name: try row.get("name"), checksum: try row.get("checksum")))
        }
        try await compare(applied, connection)
        let last = applied.last?.version ?? 0
        return Plan(
            applied: migrations.filter { $0.version <= last }, pending: migrations.filter { $0.version > last })
    }

    private func compare(_ applied: [Applied], _ connection: PostgresConnection) async throws(PostgresError) {
        let newest = migrations.last
        if let last = applied.last, last.version > newest?.version ?? 0 {
            throw PostgresError(
                .migration,
                "the database is at \(last.name), newer than this program, which ends at \(newest?.name ?? "nothing")",
                hint: "run the release that brought \(last.name), or restore a backup from before it")
        }
        let known = Dictionary(uniqueKeysWithValues: migrations.map { ($0.version, $0) })
        for step in applied {
            guard let migration = known[step.version], migration.name == step.name else {
                throw PostgresError(
                    .migration, "\(step.name) was applied to the database and is missing from this program",
                    hint: "a released migration is never removed or renamed: put it back")
            }
            let rows = try await connection.query("SELECT encode(sha256(\(Array(migration.sql.utf8))), 'hex')")
            guard try rows[0].get(0) == step.checksum else {
                throw PostgresError(
                    .migration, "\(step.name) was changed after it was applied to the database",
                    hint: "put its released text back, and make the change a new migration")
            }
        }
        let versions = Set(applied.map(\.version))
        if let last = applied.last,
            let skipped = migrations.first(where: { $0.version < last.version && !versions.contains($0.version) })
        {
            throw PostgresError(
                .migration, "\(skipped.name) was never applied, but \(last.name) was",
                hint: "give it a number above \(last.name)'s")
        }
    }

    private func checkNames() throws(PostgresError) {
        var last = 0
        for migration in migrations {
            guard migration.version > last else {
                throw PostgresError(
                    .migration, "\(migration.name) is out of order or not numbered",
                    hint: "name migrations v0001_what_it_does and list them in ascending order")
            }
            last = migration.version
        }
    }
}
