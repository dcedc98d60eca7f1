import Foundation
import Postgres
import TestServers
import Testing

extension EndToEnd {
    @Suite struct `The commands` {
        /// A folder with a configuration, and no servers.
        private func configured(_ yaml: String, _ body: (URL, String) async throws -> Void) async throws {
            let folder = FileManager.default.temporaryDirectory.appending(path: "ytempire-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let file = folder.appending(path: "ytempire.yaml")
            try Data(yaml.utf8).write(to: file)
            try await body(folder, file.path)
        }

        @Test(arguments: [
            "ytempire job list", "ytempire-coordinator", "ytempire-script", "ytempire-voice", "ytempire-render",
            "ytempire-upload",
        ])
        func `refuse a wrong configuration, telling everything that is wrong with it`(_ command: String) async throws {
            let yaml = """
                databse:
                  url: postgresql:///x
                worker:
                  drain: soon
                  beats: 1s
                render:
                  preset: quick
                  short-side: 181
                money:
                  day-ceiling: much
                """
            try await configured(yaml) { folder, file in
                let words = command.split(separator: " ").map(String.init)
                let ended = try await Programs.run(
                    words[0], words.dropFirst() + ["--config", file], in: folder,
                    environment: ["YTEMPIRE_RENDER_SLOTS": "many", "YTEMPIRE_REDIS_ULR": "redis://:secret@h/x"])
                #expect(ended.status == 78, "\(ended)")
                #expect(ended.out == "")
                for part in [
                    "8 problems", "databse.url in \(file): there is no such key; the nearest is database.url",
                    "worker.drain: found \"soon\"",
                    "worker.beats in \(file): there is no such key; the nearest is worker.beat",
                    "render.preset: found \"quick\"", "superfast, veryfast", "render.short-side", "even",
                    "money.day-ceiling: found \"much\"", "render.slots: found \"many\" in YTEMPIRE_RENDER_SLOTS",
                    "YTEMPIRE_REDIS_ULR", "the nearest is YTEMPIRE_REDIS_URL",
                ] { #expect(ended.err.contains(part), "\(part) is missing in \(ended)") }
                #expect(!ended.err.contains("secret"))
            }
        }

        @Test func `refuse a configuration file that is not there, and one that is no YAML`() async throws {
            try await configured("a: [") { folder, file in
                let broken = try await Programs.run("ytempire", ["user", "list", "--config", file], in: folder)
                #expect(broken.status == 78 && broken.err.contains(file), "\(broken)")
                let missing = try await Programs.run(
                    "ytempire", ["user", "list", "--config", "/no/file.yaml"], in: folder)
                #expect(missing.status == 78 && missing.err.contains("/no/file.yaml"), "\(missing)")
            }
        }

        @Test(arguments: [
            ["ytempire", "job", "shwo"], ["ytempire", "job", "list", "--state", "lost"],
            ["ytempire", "job", "list", "--day", "2026-02-30"],
            ["ytempire", "channel", "add", "a", "b"],
            ["ytempire", "channel", "add", "a", "b", "--source", "c", "--length", "5"],
            ["ytempire", "queue", "pause", "cooking"], ["ytempire", "user", "add", " "],
            ["ytempire-coordinator", "--day", "today"],
            ["ytempire-render", "--nmae", "a"],
        ])
        func `end with 64 for words they don't know`(_ words: [String]) async throws {
            try await configured("") { folder, _ in
                let ended = try await Programs.run(words[0], Array(words.dropFirst()), in: folder)
                #expect(ended.status == 64 && !ended.err.isEmpty, "\(ended)")
            }
        }

        @Test(arguments: ["ytempire user list", "ytempire queue list", "ytempire-coordinator"])
        func `end with 75 while a server is away`(_ command: String) async throws {
            try await configured(
                "database:\n  url: postgresql:///x?host=/no/such/folder\nredis:\n  url: unix:///no/such/redis.sock\n"
            ) { folder, file in
                let words = command.split(separator: " ").map(String.init)
                let ended = try await Programs.run(words[0], words.dropFirst() + ["--config", file], in: folder)
                #expect(ended.status == 75, "\(ended)")
                #expect(ended.err.contains("/no/such"), "\(ended)")
            }
        }

        @Test func `tell a missing Redis from a missing Postgres, and open days without it`() async throws {
            try await TestFleet.with { fleet in
                try await fleet.addUser("gina", channel: "One", source: fleet.source("a.md", Articles.bees))
                let environment = ["YTEMPIRE_REDIS_URL": "unix:///no/such/redis.sock"]
                let file = fleet.configuration
                let list = try await Programs.run(
                    "ytempire", ["queue", "list", "--config", file], in: fleet.folder, environment: environment)
                #expect(list.status == 75 && list.err.contains("/no/such/redis.sock"), "\(list)")
                let doctor = try await Programs.run(
                    "ytempire", ["doctor", "--config", file], in: fleet.folder, environment: environment)
                #expect(doctor.status == 1, "\(doctor)")
                #expect(
                    doctor.out.contains("ok    Postgres: version") && doctor.out.contains("FAIL  Redis: "), "\(doctor)")
                #expect(doctor.out.contains("apt-get install redis-server"))
                #expect(doctor.widest <= 100, "\(doctor)")
                let tick = try await Programs.run(
                    "ytempire-coordinator", ["--day", "2026-03-07", "--config", file], in: fleet.folder,
                    environment: environment)
                #expect(tick.status == 1, "\(tick)")
                #expect(
                    tick.out.contains("gina on One") && tick.out.contains("Failed, the next run tries again: dispatch"))
                #expect(try await fleet.number("SELECT count(*) FROM jobs") == 1)
            }
        }

        @Test func `refuse what can't be, and say why`() async throws {
            try await TestFleet.with { fleet in
                try await fleet.succeed("user", "add", "gina", "--time-zone", "Europe/Lisbon")
                let source = try fleet.source("a.md", Articles.bees)
                try await fleet.addUser("gina", channel: "One", source: source)
                for (words, reason) in [
                    (["user", "add", "gina"], "gina"),
                    (["user", "add", "hugo", "--time-zone", "Mars/Olympus"], "Mars/Olympus"),
                    (["user", "edit", "nobody", "--name", "x"], "nobody"),
                    (["channel", "add", "gina", "One", "--source", source], "One"),
                    (["channel", "add", "nobody", "One", "--source", source], "nobody"),
                    (["job", "show", "999"], "999"),
                    (["job", "cancel", "999"], "999"), (["next", "nobody"], "nobody"),
                    (["job", "enqueue", "gina", "--channel", "Two"], "Two"),
                    (["channel", "pause", "gina", "Two"], "Two"),
                ] {
                    let ended = try await fleet.run(words)
                    #expect(ended.status == 1, "\(ended)")
                    #expect(
                        ended.out == "" && ended.err.hasPrefix("ytempire: ") && ended.err.contains(reason), "\(ended)")
                }
                let next = try await fleet.succeed("next", "gina")
                #expect(next.out.hasPrefix("One, from ") && next.out.contains("Europe/Lisbon"), "\(next)")
                #expect(try await fleet.succeed("cost", "day").out.hasPrefix("Nothing was spent on "))
                #expect(try await fleet.succeed("worker", "list").out.contains("No worker has been here"))
                #expect(try await fleet.succeed("migrate").out == "The database is up to date.\n")
                let preview = try await fleet.coordinate("--day", "2026-03-07", "--dry-run")
                #expect(preview.out.contains("Would open 2026-03-07 for 1 user:"), "\(preview)")
                #expect(try await fleet.number("SELECT count(*) FROM jobs") == 0)
            }
        }

        @Test func `work with a database that is not migrated as far as telling what to do`() async throws {
            try await TestFleet.with { fleet in
                try await fleet.database.execute("DROP SCHEMA public CASCADE")
                try await fleet.database.execute("CREATE SCHEMA public")
                for words in [["ytempire", "user", "list"], ["ytempire-coordinator"], ["ytempire-script"]] {
                    let ended = try await Programs.run(
                        words[0], words.dropFirst() + ["--config", fleet.configuration], in: fleet.folder)
                    // What runs by itself is not started again for a reason that waiting does not mend.
                    let status: Int32 = words[0] == "ytempire" ? 1 : 78
                    #expect(ended.status == status && ended.err.contains("ytempire migrate"), "\(ended)")
                }
            }
        }
    }
}
