import Fleet
import Foundation
import Postgres
import Production
import Redis
import StageQueue
import TestServers
import Testing

extension EndToEnd {
    @Suite struct `On a Redis Cluster` {
        private let day = "2026-03-04"

        private func settings(_ cluster: PrivateRedisCluster, partitions: Int) -> [String: String] {
            var settings = [
                "redis.url": cluster.url, "fleet.partitions": "\(partitions)", "testing.enabled": "true",
                "testing.rehearsal": "full", "testing.duration": "100ms", "log.level": "info",
            ]
            for stage in Production.Stage.allCases { settings["\(stage.rawValue).slots"] = "4" }
            return settings
        }

        private func addUsers(_ count: Int, to fleet: TestFleet) async throws {
            _ = try await fleet.rows(
                """
                WITH u AS (INSERT INTO users (name) SELECT 'user ' || n FROM generate_series(
                    (SELECT count(*) FROM users) + 1, (SELECT count(*) FROM users) + \(Int64(count))) n
                    RETURNING id, name)
                INSERT INTO channels (user_id, name, slug, source, language, orientation, palette, length_seconds, daily_at)
                SELECT id, name, 'channel-' || id, 'none', 'en', 'landscape', 'ember', 30, '00:00' FROM u
                """)
        }

        private func waitUntil(
            _ fleet: TestFleet, within limit: Duration = .seconds(150), _ holds: () async throws -> Bool
        ) async throws {
            let deadline = ContinuousClock.now + limit
            while try await !holds() {
                try #require(ContinuousClock.now < deadline, "\(fleet.logs)")
                try await Task.sleep(for: .milliseconds(100))
            }
        }

        /// Every job published, each once, no stage's effect twice.
        private func checkPublished(_ jobs: Int64, _ fleet: TestFleet) async throws {
            try await waitUntil(fleet) {
                try await fleet.number("SELECT count(*) FROM jobs WHERE finished_at IS NULL") == 0
            }
            #expect(try await fleet.number("SELECT count(*) FROM jobs WHERE state = 'published'") == jobs)
            #expect(try await fleet.number("SELECT count(*) FROM publications WHERE published_at IS NOT NULL") == jobs)
            #expect(
                try await fleet.number("SELECT count(DISTINCT location) FROM publications WHERE location IS NOT NULL")
                    == jobs)
            #expect(try await fleet.number("SELECT count(*) FROM attempts WHERE state = 'succeeded'") == jobs * 4)
            #expect(try await fleet.number("SELECT count(*) FROM attempts WHERE state = 'running'") == 0)
        }

        @Test func `a primary that dies in the middle of a day costs no video and doubles none`() async throws {
            let cluster = try await PrivateRedisCluster.start()
            try await TestFleet.with(settings(cluster, partitions: 6)) { fleet in
                try await addUsers(120, to: fleet)
                try fleet.startAll()
                try await fleet.open(day)
                let used = try await fleet.number("SELECT count(DISTINCT partition) FROM jobs")
                #expect(used == 6)
                try await waitUntil(fleet) {
                    try await fleet.number("SELECT count(*) FROM attempts WHERE state = 'succeeded'") >= 60
                }
                // The replica lacks whatever the primary had not told it yet.
                let dead = try await cluster.failOver("{ytempire:0}:live")
                let list = try await fleet.run("queue", "list")
                #expect(list.status == 0, "\(list)")
                let doctor = try await fleet.run("doctor")
                #expect(!doctor.out.contains("can't be reached"), "\(doctor)")
                try await checkPublished(120, fleet)
                // And on goes the next day, on what has become of the cluster, while the dead one returns.
                try cluster.restart(dead)
                try await fleet.open("2026-03-05")
                try await checkPublished(240, fleet)
            }
        }

        @Test func `looks like one queue, whoever asks`() async throws {
            let cluster = try await PrivateRedisCluster.start()
            try await TestFleet.with(settings(cluster, partitions: 6)) { fleet in
                try await addUsers(12, to: fleet)
                try await fleet.open(day)
                let list = try await fleet.succeed("queue", "list").out
                #expect(list.contains(#/script +12 +0 +0 +0 +0 +\d.* +12 +0 /#), "\(list)")
                let metrics = try await fleet.succeed("metrics").out
                #expect(metrics.contains(#"ytempire_queue_depth{stage="script",priority="daily"} 12"#), "\(metrics)")
                let doctor = try await fleet.run("doctor").out
                #expect(doctor.contains("a cluster of 3 primaries") && doctor.contains("6 partitions"), "\(doctor)")

                let agreed = try await fleet.succeed("reconcile").out
                #expect(agreed.contains("nothing was missing"), "\(agreed)")
                _ = try await fleet.redis.sendToEveryPrimary(RedisCommand("FLUSHALL"))
                let mended = try await fleet.succeed("reconcile").out
                #expect(mended.contains("12 deliveries were missing"), "\(mended)")

                let events = try await fleet.listen()
                try fleet.startAll()
                _ = try await events.first { $0.kind == .ended && $0.stage == .upload }
                let dash = try await fleet.succeed("dash", "--once").out
                #expect(dash.contains("upload-1"), "\(dash)")
                let workers = try await fleet.succeed("worker", "list").out
                #expect(workers.contains(#/upload-1 +upload +alive/#), "\(workers)")
                try await fleet.succeed("job", "enqueue", "user 3")
                try await checkPublished(13, fleet)
            }
        }

        @Test func `a partition that lost everything is mended alone`() async throws {
            let cluster = try await PrivateRedisCluster.start()
            try await TestFleet.with(settings(cluster, partitions: 3)) { fleet in
                try await addUsers(30, to: fleet)
                try fleet.startAll()
                try await fleet.succeed("queue", "pause", "voice")
                try await fleet.open(day)
                try await waitUntil(fleet) {
                    try await fleet.number("SELECT count(*) FROM jobs WHERE stage = 'voice' AND state = 'queued'") == 30
                }
                func reports() -> Set<Substring> {
                    Set(fleet.logs.split(separator: "\n").filter { $0.contains("Redis is another one; reconciling") })
                }
                let before = reports()
                let keys = ["live", "delayed", "dead", "paused", "epoch"].map { "{ytempire:1}:\($0)" }
                let streams = Production.Stage.allCases.flatMap { stage in
                    Job.Priority.allCases.map { "{ytempire:1}:ready:\(stage.rawValue):\($0.rawValue)" }
                }
                _ = try await fleet.redis.send(
                    RedisCommand("DEL", arguments: (keys + streams).map { RedisArgument($0) }))
                try await waitUntil(fleet) { reports().count > before.count }
                let news = reports().subtracting(before)
                #expect(news.allSatisfy { $0.contains("partition=1") }, "\(news)")
                try await fleet.succeed("queue", "resume", "voice")
                try await checkPublished(30, fleet)
            }
        }

        @Test func `more partitions, and then fewer, lose no job that is under way`() async throws {
            let cluster = try await PrivateRedisCluster.start()
            try await TestFleet.with(settings(cluster, partitions: 1)) { fleet in
                try await addUsers(20, to: fleet)
                try fleet.startAll()
                try await fleet.succeed("queue", "pause", "render")
                try await fleet.open(day)
                try await fleet.configure(settings(cluster, partitions: 5))
                // By the coordinator alone: the workers know nothing of the new number but what Postgres tells them.
                try await fleet.open("2026-03-05")
                #expect(try await fleet.number("SELECT count(DISTINCT partition) FROM jobs") == 5)
                try await fleet.configure(settings(cluster, partitions: 2))
                try await fleet.open("2026-03-06")
                #expect(try await fleet.number("SELECT count(*) FROM duties WHERE name LIKE 'partition %'") == 5)
                try await fleet.succeed("queue", "resume", "render")
                try await checkPublished(60, fleet)
                _ = try await fleet.coordinate()
                #expect(try await fleet.number("SELECT count(*) FROM duties WHERE name LIKE 'partition %'") == 2)
            }
        }
    }
}
