import Fleet
import Foundation
import Postgres
import Production
import Redis
import TestServers
import Testing

extension EndToEnd {
    @Suite struct `A day` {
        private let day = "2026-03-02"

        /// Three users with different channels: wide, upright, German.
        private func addUsers(to fleet: TestFleet) async throws {
            let lighthouse = try fleet.source("lighthouse.md", Articles.lighthouse)
            let tides = try fleet.source("tides.md", Articles.tides)
            let bees = try fleet.source("bees.md", Articles.bees)
            let bridges = try fleet.source("bridges.md", Articles.bridge)
            try await fleet.addUser("anna", channel: "Light", source: lighthouse)
            try await fleet.addUser("anna", channel: "Water", source: tides, "--palette", "ember")
            try await fleet.addUser("ben", channel: "Small Things", source: bees, "--orientation", "portrait")
            try await fleet.addUser("clara", channel: "Wie geht das?", source: bridges, "--language", "de")
        }

        @Test func `ends with one good video for every user, and nothing twice`() async throws {
            try await TestFleet.with { fleet in
                try await addUsers(to: fleet)
                // Runs of the coordinator that overlap and repeat open each user's day once.
                async let first = fleet.coordinate("--day", day, "--json")
                async let second = fleet.coordinate("--day", day, "--json")
                for run in try await [first, second, fleet.coordinate("--day", day)] {
                    #expect(run.status == 0, "\(run)")
                }
                #expect(try await fleet.number("SELECT count(*) FROM jobs WHERE kind = 'daily'") == 3)
                #expect(try await fleet.coordinate("--day", day).out == "", "nothing to do, nothing to mail")

                try fleet.startAll()
                let watch = try await fleet.run("job", "watch", "--day", day)
                #expect(watch.status == 0, "\(watch)")

                for (user, width, height) in [("anna", 320, 180), ("ben", 180, 320), ("clara", 320, 180)] {
                    let video = try await PublishedVideo(job: fleet.job(user, day), in: fleet)
                    try await video.check(width: width, height: height)
                    #expect(try video.feedItems() == 1)
                }
                try await checkLedger(of: fleet)

                let published = try files(of: fleet)
                #expect(try await fleet.coordinate("--day", day).out == "")
                try await fleet.succeed("job", "watch", "--day", day)
                #expect(try await fleet.number("SELECT count(*) FROM jobs") == 3)
                #expect(try await fleet.number("SELECT count(*) FROM attempts") == 12)
                #expect(try files(of: fleet) == published, "a day that is done is not touched again")

                try await tomorrow(of: fleet)
                try await checkCommands(of: fleet)
            }
        }

        @Test func `is opened, and looked at before, for a crowd whose numbers no one statement goes through`()
            async throws
        {
            try await TestFleet.with { fleet in
                let users: Int64 = 11_000
                _ = try await fleet.rows(
                    "INSERT INTO users (name) SELECT 'user ' || n FROM generate_series(1, \(users)) n")
                _ = try await fleet.rows(
                    """
                    INSERT INTO channels (user_id, name, slug, source, language, orientation, palette, length_seconds,
                                          daily_at)
                    SELECT id, 'News', 'news-' || id, '/feed', 'en', 'landscape', 'ocean', 90, '09:00' FROM users
                    """)
                let preview = try await fleet.coordinate("--day", day, "--dry-run")
                #expect(preview.out.hasPrefix("Would open \(day) for 11000 users:\n  user 1 on News\n"), "\(preview)")
                #expect(try await fleet.number("SELECT count(*) FROM jobs") == 0)
                let run = try await fleet.coordinate("--day", day)
                #expect(run.out.hasPrefix("Opened \(day) for 11000 users:"), "\(run)")
                #expect(try await fleet.number("SELECT count(DISTINCT user_id) FROM jobs") == users)
                #expect(
                    try await fleet.redis.send(RedisCommand("XLEN", "{ytempire:0}:ready:script:daily"))
                        == .integer(users))
                #expect(try await fleet.coordinate("--day", day).out == "")
            }
        }

        /// Another day is another video, on the channel whose turn it is.
        private func tomorrow(of fleet: TestFleet) async throws {
            let opened = try await fleet.coordinate("--day", "2026-03-03", "--user", "anna")
            #expect(opened.out.contains("anna on Water"), "\(opened)")
            try await fleet.succeed("job", "watch", "--day", "2026-03-03")
            let video = try await PublishedVideo(job: fleet.job("anna", "2026-03-03"), in: fleet)
            #expect(video.file.path.contains("/water/2026-03-03-"))
            #expect(video.storyboard.title == "Why the sea comes and goes")
            #expect(try await fleet.number("SELECT count(*) FROM jobs") == 4)
        }

        /// What the ledger promises of any fleet at rest.
        private func checkLedger(of fleet: TestFleet) async throws {
            #expect(
                try await fleet.texts("SELECT state || ' ' || count(*) FROM attempts GROUP BY state") == [
                    "succeeded 12"
                ])
            // Every stage has said what it used of each of the three; the upload keeps no bytes.
            let rows = try await fleet.number(
                """
                SELECT count(*) FROM jobs j CROSS JOIN unnest(ARRAY['script', 'voice', 'render', 'upload']) AS s(name)
                CROSS JOIN unnest(ARRAY['cpu', 'wall', 'storage']) AS i(name)
                WHERE (SELECT count(*) FROM cost_rows c
                       WHERE c.job_id = j.id AND c.stage = s.name AND c.item = i.name)
                    = CASE WHEN s.name = 'upload' AND i.name = 'storage' THEN 0 ELSE 1 END
                """)
            #expect(rows == 3 * 4 * 3)
            #expect(try await fleet.number("SELECT count(*) FROM cost_rows WHERE quantity = 0") == 0)
            let wrongVideos = try await fleet.number(
                """
                SELECT count(*) FROM jobs j WHERE (SELECT sum(amount) FROM cost_rows WHERE job_id = j.id)
                    IS DISTINCT FROM (SELECT spent FROM counters WHERE scope = 'video' AND key = j.id::text)
                """)
            #expect(wrongVideos == 0)
            let wrongDays = try await fleet.number(
                """
                SELECT count(*) FROM (SELECT money_day, sum(amount) AS amount FROM cost_rows GROUP BY 1) d
                FULL JOIN (SELECT * FROM counters WHERE scope = 'day') c ON c.key = d.money_day::text
                WHERE d.amount IS DISTINCT FROM c.spent
                """)
            #expect(wrongDays == 0)
            #expect(try await fleet.number("SELECT count(*) FROM counters WHERE held <> 0 OR overrun <> 0") == 0)
            // The fence has risen by one at each of the four begins, and each attempt holds one value of it.
            #expect(try await fleet.number("SELECT count(*) FROM jobs WHERE fence <> 4 OR tries <> 0") == 0)
            #expect(
                try await fleet.texts(
                    "SELECT DISTINCT array_agg(fence ORDER BY fence)::text FROM attempts GROUP BY job_id") == [
                        "{1,2,3,4}"
                    ])
        }

        /// Path, time of change and size of all that is published.
        private func files(of fleet: TestFleet) throws -> Set<String> {
            let root = fleet.folder.appending(path: "published")
            let found = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
            return try Set(
                (found?.allObjects as? [URL] ?? []).map { file in
                    let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
                    let changed = try #require(attributes[.modificationDate] as? Date).timeIntervalSince1970
                    return "\(file.path) \(changed) \(attributes[.size] ?? 0)"
                })
        }

        // MARK: What the commands say of it

        private func checkCommands(of fleet: TestFleet) async throws {
            let job = try await fleet.job("anna", day)
            let story = try await fleet.succeed("job", "show", "\(job)")
            for part in [
                "How a lighthouse reaches far", "anna on Light", "#1 script succeeded", "#4 upload succeeded",
                "encoder libx264", "thumbnail", "all together",
            ] { #expect(story.out.contains(part), "\(part) is missing in \(story)") }
            for line in story.out.split(separator: "\n") where line.count > 100 {
                #expect(line.contains("/"), "only a path may be wider than a terminal: \(line)")
            }
            let told = try #require(try await fleet.succeed("job", "show", "\(job)", "--json").json() as? [String: Any])
            #expect((told["attempts"] as? [Any])?.count == 4)
            #expect((told["costs"] as? [Any])?.count == 11)
            #expect((told["artifacts"] as? [Any])?.count == 12)

            let list = try #require(try await fleet.succeed("job", "list", "--json").json() as? [[String: Any]])
            #expect(list.count == 4)
            #expect(Set(list.compactMap { $0["state"] as? String }) == ["published"])
            let cost = try #require(try await fleet.succeed("cost", "day", "--json").json() as? [String: Any])
            #expect((cost["byStage"] as? [Any])?.count == 4)
            #expect((cost["byUser"] as? [Any])?.count == 3)

            let workers = try await fleet.succeed("worker", "list")
            for name in ["script-1", "voice-1", "render-1", "upload-1"] { #expect(workers.out.contains(name)) }
            #expect(workers.out.components(separatedBy: " alive ").count == 5)
            #expect(try await fleet.succeed("queue", "list").out.split(separator: "\n").count == 5)
            #expect(try await fleet.succeed("queue", "inspect", "render").out == "Nothing stands at render.\n")
            #expect(try await fleet.succeed("next", "anna").out.hasPrefix("Light, from "))
            let doctor = try await fleet.succeed("doctor")
            for part in ["Postgres: version", "Redis: version", "video encoder", "fonts", "publish.path"] {
                #expect(doctor.out.contains(part))
            }
            #expect(!doctor.out.contains("FAIL"))
            #expect(doctor.widest <= 100, "\(doctor)")

            for words in [
                ["job", "list"], ["job", "report", "--day", day], ["cost", "day"], ["cost", "job", "\(job)"],
                ["cost", "user", "anna"], ["worker", "list"], ["queue", "list"], ["user", "list"], ["next", "anna"],
            ] {
                let ended = try await fleet.run(words, environment: ["COLUMNS": "100"])
                #expect(ended.status == 0)
                for line in ended.out.split(separator: "\n") where line.count > 100 {
                    #expect(line.contains("/"), "\(words): \(line)")
                }
            }
        }
    }
}
