import Foundation
import Ledger
import Postgres
import Production
import TestServers
import Testing

extension EndToEnd {
    /// A database that is newer or older than the programs.
    @Suite struct `A migration` {
        private let day = "2026-03-04"

        /// What a next release might bring, within the rule that a migration only adds.
        private let next = Migration(
            name: "v9999_next_release",
            source: Array(
                """
                ALTER TABLE jobs ADD COLUMN region text NOT NULL DEFAULT 'eu';
                ALTER TABLE attempts ADD COLUMN gpu_seconds numeric;
                ALTER TABLE workers ADD COLUMN labels jsonb NOT NULL DEFAULT '{}';
                CREATE INDEX jobs_by_region ON jobs (region) WHERE finished_at IS NULL;
                CREATE TABLE regions (name text PRIMARY KEY);
                INSERT INTO regions VALUES ('eu');
                ALTER TABLE jobs ADD FOREIGN KEY (region) REFERENCES regions;
                """.utf8))

        @Test func `under working workers loses nothing; they go on, and say what is to be done`() async throws {
            try await TestFleet.with { fleet in
                let canal = try fleet.source("canal.md", Articles.canal)
                let bread = try fleet.source("bread.md", Articles.bread)
                try await fleet.addUser("dora", channel: "Machines", source: canal, "--length", "45")
                try await fleet.addUser("emil", channel: "Küche", source: bread, "--language", "de")
                let events = try await fleet.listen()
                let systemd = try NotifySocket(in: fleet.folder)
                for stage in [Production.Stage.script, .voice, .upload] { try fleet.start(stage) }
                let renderer = try fleet.start(.render, environment: systemd.environment)
                try await fleet.open(day)
                try await events.midRender()
                let applied = try await Migrator(migrations: ledgerMigrations + [next]).migrate(on: fleet.database)
                #expect(applied == [next])

                let watch = try await fleet.run("job", "watch", "--day", day)
                #expect(watch.status == 0, "\(watch)\n\(fleet.logs)")
                for user in ["dora", "emil"] {
                    let video = try await PublishedVideo(job: fleet.job(user, day), in: fleet)
                    #expect(try video.feedItems() == 1)
                }
                // Not one attempt more than without it.
                #expect(
                    try await fleet.texts("SELECT state || ' ' || count(*) FROM attempts GROUP BY state")
                        == ["succeeded 8"], "\(fleet.logs)")

                // They go on until they are restarted, and whoever looks can see that they should be.
                try await systemd.until { $0["STATUS"]?.contains("the database is newer than this program") == true }
                #expect(renderer.log.contains("it is at migration 9999, this program knows \(Ledger.knownSchema)"))

                // One that starts is strict.
                let late = try await Programs.run(
                    "ytempire-script", ["--config", fleet.configuration, "--name", "late"], in: fleet.folder)
                #expect(late.status == 78, "\(late)")
                #expect(late.err.contains("v9999_next_release") && late.err.contains("run the release that brought"))
                let tick = try await fleet.coordinate()
                #expect(tick.status == 78 && tick.err.contains("v9999_next_release"), "\(tick)")
            }
        }

        @Test func `that is missing keeps programs from starting, with the command to run`() async throws {
            try await TestFleet.with { fleet in
                try await fleet.database.execute("DROP TABLE schema_migrations")
                for program in ["ytempire-script", "ytempire-coordinator"] {
                    let ended = try await Programs.run(program, ["--config", fleet.configuration], in: fleet.folder)
                    #expect(ended.status == 78 && ended.err.contains("Run `ytempire migrate`."), "\(ended)")
                }
            }
        }
    }
}
