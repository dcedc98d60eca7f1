import Postgres
import TestServers
import Testing

@Suite struct `A migrator` {
    private static let first = migration("v0001_jobs", "CREATE TABLE job (id bigint); INSERT INTO job VALUES (1);")
    private static let second = migration("v0002_names", "ALTER TABLE job ADD name text; -- it's two;\nSELECT 'a;b';")

    private static func migration(_ name: String, _ sql: String) -> Migration {
        Migration(name: name, source: Array(sql.utf8))
    }

    @Test func `applies what is pending, in order and once`() async throws {
        let pool = try await freshPool()
        let start = try await Migrator(migrations: [Self.first, Self.second]).plan(on: pool)
        #expect(start.applied.isEmpty && start.pending == [Self.first, Self.second])
        #expect(try await Migrator(migrations: [Self.first]).migrate(on: pool) == [Self.first])
        let migrator = Migrator(migrations: [Self.first, Self.second])
        #expect(try await migrator.plan(on: pool).pending == [Self.second])
        #expect(try await migrator.migrate(on: pool) == [Self.second])
        #expect(try await migrator.migrate(on: pool) == [])
        #expect(try await migrator.plan(on: pool).applied == [Self.first, Self.second])
        #expect(try await pool.query("SELECT name FROM job").count == 1)
        let rows = try await pool.query("SELECT version, name, checksum FROM schema_migrations ORDER BY version")
        #expect(try rows.map { try $0.get("version", as: Int.self) } == [1, 2])
        #expect(try rows[0].get("checksum", as: String.self).count == 64)
    }

    @Test func `may run many times at once`() async throws {
        let url = try await PrivatePostgres.shared.freshDatabase()
        let migrator = Migrator(migrations: [Self.first, Self.second])
        let applied = try await withThrowingTaskGroup(of: [Migration].self) { group in
            for _ in 0..<8 { group.addTask { try await migrator.migrate(on: pool(url)) } }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(applied == [Self.first, Self.second])
    }

    @Test func `refuses a migration that was changed after its release`() async throws {
        let pool = try await freshPool()
        _ = try await Migrator(migrations: [Self.first]).migrate(on: pool)
        let changed = Migrator(migrations: [Self.migration("v0001_jobs", "CREATE TABLE job (id int)"), Self.second])
        let error = await failure { try await changed.migrate(on: pool) }
        #expect(error?.code == .migration)
        #expect(error?.message == "v0001_jobs was changed after it was applied to the database")
        #expect(try await Migrator(migrations: [Self.first]).plan(on: pool).pending == [])
    }

    @Test func `refuses when a released migration is missing or renamed`() async throws {
        let pool = try await freshPool()
        _ = try await Migrator(migrations: [Self.first, Self.second]).migrate(on: pool)
        let third = Self.migration("v0003_more", "SELECT 1")
        for migrations in [[Self.second, third], [Self.migration("v0001_work", Self.first.sql), Self.second]] {
            let error = await failure { try await Migrator(migrations: migrations).migrate(on: pool) }
            #expect(error?.code == .migration)
            #expect(error?.message == "v0001_jobs was applied to the database and is missing from this program")
        }
    }

    @Test func `refuses a database that is newer, and says what to do`() async throws {
        let pool = try await freshPool()
        _ = try await Migrator(migrations: [Self.first, Self.second]).migrate(on: pool)
        let error = await failure { try await Migrator(migrations: [Self.first]).migrate(on: pool) }
        #expect(error?.code == .migration)
        #expect(
            error?.message
                == "the database is at v0002_names, newer than this program, which ends at v0001_jobs")
        #expect(error?.hint == "run the release that brought v0002_names, or restore a backup from before it")
    }

    @Test func `refuses a number slipped in below one already applied`() async throws {
        let pool = try await freshPool()
        _ = try await Migrator(migrations: [Self.second.renamed("v0002_x", "SELECT 1")]).migrate(on: pool)
        let late = Migrator(migrations: [Self.first, Self.second.renamed("v0002_x", "SELECT 1")])
        let error = await failure { try await late.migrate(on: pool) }
        #expect(error?.message == "v0001_jobs was never applied, but v0002_x was")
    }

    @Test func `leaves nothing of a migration that failed, and keeps those before it`() async throws {
        let pool = try await freshPool()
        let broken = Self.migration("v0002_broken", "CREATE TABLE half (); INSERT INTO nowhere VALUES (1)")
        let error = await failure { try await Migrator(migrations: [Self.first, broken]).migrate(on: pool) }
        #expect(error?.code == .migration)
        #expect(error?.message.hasPrefix("migration v0002_broken failed: relation \"nowhere\" does not exist") == true)
        #expect(try await pool.query("SELECT to_regclass('half') IS NULL")[0].get(0) == true)
        #expect(try await pool.query("SELECT name FROM schema_migrations")[0].get(0) == "v0001_jobs")
    }

    @Test func `refuses a script that ends its own transaction`() async throws {
        let pool = try await freshPool()
        let sly = Self.migration("v0001_sly", "CREATE TABLE t (); COMMIT")
        let error = await failure { try await Migrator(migrations: [sly]).migrate(on: pool) }
        #expect(error?.message == "migration v0001_sly failed: the script ends its transaction itself")
    }

    @Test(arguments: ["0001_jobs", "v1", "vx_jobs", "v0000_jobs"])
    func `refuses a name without a number`(name: String) async throws {
        let pool = try await freshPool()
        let error = await failure { try await Migrator(migrations: [Self.migration(name, "")]).plan(on: pool) }
        #expect(error?.code == .migration)
        #expect(error?.message == "\(name) is out of order or not numbered")
    }
}

extension Migration {
    fileprivate func renamed(_ name: String, _ sql: String) -> Migration {
        Migration(name: name, source: Array(sql.utf8))
    }
}
