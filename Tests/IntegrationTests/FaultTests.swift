import Fleet
import Foundation
import Postgres
import Production
import TestServers
import Testing

extension EndToEnd {
    @Suite struct `In the middle of a day` {
        private let day = "2026-03-04"

        /// Two users, of whom the first one's video is long enough to be met in the middle.
        private func addUsers(to fleet: TestFleet) async throws {
            let canal = try fleet.source("canal.md", Articles.canal)
            let bread = try fleet.source("bread.md", Articles.bread)
            try await fleet.addUser("dora", channel: "Machines", source: canal, "--length", "45")
            try await fleet.addUser("emil", channel: "Küche", source: bread, "--language", "de")
        }

        /// Both published, each once.
        private func checkPublished(_ fleet: TestFleet) async throws {
            let watch = try await fleet.run("job", "watch", "--day", day)
            #expect(watch.status == 0, "\(watch)\n\(fleet.logs)")
            for user in ["dora", "emil"] {
                let video = try await PublishedVideo(job: fleet.job(user, day), in: fleet)
                #expect(try video.feedItems() == 1)
            }
            #expect(try await fleet.number("SELECT count(*) FROM publications WHERE published_at IS NOT NULL") == 2)
            #expect(try await fleet.number("SELECT count(*) FROM attempts WHERE state = 'running'") == 0)
            // Each stage succeeded once, whatever else was tried.
            #expect(try await fleet.number("SELECT count(*) FROM attempts WHERE state = 'succeeded'") == 8)
        }

        @Test func `a killed renderer's work is taken up by its successor at once`() async throws {
            try await TestFleet.with { fleet in
                try await addUsers(to: fleet)
                let events = try await fleet.listen()
                let renderer = try fleet.startAll()
                try await fleet.open(day)
                // Far enough for finished pieces of the picture.
                let job = try await events.first {
                    $0.kind == .progress && $0.stage == .render && ($0.fraction ?? 0) > 0.6
                }.job
                await renderer.kill()
                let pieces = try await fleet.number("SELECT count(*) FROM job_pieces WHERE job_id = \(job)")
                try renderer.restart()
                try await checkPublished(fleet)
                #expect(pieces > 3)
                let kept = try await fleet.texts(
                    """
                    SELECT coalesce(notes->>'frames_kept', '0') FROM attempts
                    WHERE job_id = \(job) AND stage = 'render' AND state = 'succeeded'
                    """)
                #expect(kept.compactMap { Int($0) }.contains { $0 > 120 }, "the second attempt went on: \(kept)")
                // A tick later nothing is left of them but what the video itself needs.
                _ = try await fleet.coordinate()
                #expect(try await fleet.number("SELECT count(*) FROM job_pieces") == 0)

                let attempts = try await fleet.attempts(job)
                #expect(
                    attempts == [
                        "script succeeded", "voice succeeded", "render lost", "render succeeded", "upload succeeded",
                    ])
                // The successor found it lost at the moment it registered: nobody waited for the lease.
                let atOnce = try await fleet.number(
                    """
                    SELECT count(*) FROM attempts a JOIN workers w ON w.name = a.worker
                    WHERE a.state = 'lost' AND a.ended_at = w.started_at
                    """)
                #expect(atOnce == 1, "\(fleet.logs)")
                #expect(
                    try await fleet.texts(
                        "SELECT alone::text FROM attempts WHERE job_id = \(job) AND stage = 'render' ORDER BY fence")
                        == ["false", "false"], "only a second loss makes it run alone")
                #expect(try await fleet.number("SELECT count(*) FROM attempts WHERE counts") == 0)
            }
        }

        @Test func `a Redis that forgets everything delays nothing and repeats nothing`() async throws {
            try await TestFleet.with { fleet in
                try await addUsers(to: fleet)
                let events = try await fleet.listen()
                try fleet.startAll()
                try await fleet.open(day)
                try await events.midRender()
                try await fleet.flushRedis()
                // No coordinator from here on.
                try await checkPublished(fleet)
                let again = try await fleet.texts(
                    "SELECT concat_ws(' ', job_id, stage, state, worker, error) FROM attempts WHERE state <> 'succeeded'"
                )
                #expect(again.isEmpty, "nothing is tried twice; \(fleet.logs)")
                #expect(try await fleet.number("SELECT count(*) FROM attempts") == 8)
            }
        }

        @Test func `a renderer told to stop gives back what it can't finish`() async throws {
            try await TestFleet.with(["worker.drain": "100ms"]) { fleet in
                try await addUsers(to: fleet)
                let events = try await fleet.listen()
                let renderer = try fleet.startAll()
                try await fleet.open(day)
                let job = try await events.midRender().job
                await renderer.drain()
                #expect(renderer.log.contains("worker stopped"), "\(renderer.log)")
                #expect(try await fleet.attempts(job).last == "render released")
                #expect(try await fleet.number("SELECT tries::bigint FROM jobs WHERE id = \(job)") == 0)
                #expect(try await fleet.texts("SELECT state FROM jobs WHERE id = \(job)") == ["queued"])

                try renderer.restart()
                try await checkPublished(fleet)
                #expect(try await fleet.number("SELECT count(*) FROM attempts WHERE counts OR state = 'lost'") == 0)
            }
        }

        @Test func `a cancelled job is worked on no further`() async throws {
            try await TestFleet.with { fleet in
                try await addUsers(to: fleet)
                let events = try await fleet.listen()
                try fleet.startAll()
                try await fleet.open(day)
                let job = try await events.midRender().job
                try await fleet.succeed("job", "cancel", "\(job)")
                var fraction = 0.0
                let end = try await events.first { event in
                    guard event.job == job, event.stage == .render else { return false }
                    fraction = event.fraction ?? fraction
                    return event.kind == .ended
                }
                #expect(end.outcome == "released", "stopped, not finished")
                #expect(fraction < 0.9)
                #expect(try await fleet.attempts(job).last == "render cancelled")

                let watch = try await fleet.run("job", "watch", "--day", day)
                #expect(watch.status == 0, "cancelled is an end that a person wanted: \(watch)")
                #expect(try await fleet.texts("SELECT state FROM jobs WHERE id = \(job)") == ["cancelled"])
                #expect(try await fleet.number("SELECT count(*) FROM publications WHERE published_at IS NOT NULL") == 1)
                #expect(
                    try await fleet.number(
                        "SELECT count(*) FROM job_artifacts WHERE job_id = \(job) AND kind = 'video'") == 0)
                let again = try await fleet.run("job", "cancel", "\(job)")
                #expect(again.status == 1, "\(again)")
            }
        }

        @Test func `a paused stage begins nothing until it goes on, even on an empty Redis`() async throws {
            try await TestFleet.with { fleet in
                let bread = try fleet.source("bread.md", Articles.bread)
                try await fleet.addUser("emil", channel: "Küche", source: bread, "--language", "de")
                try await fleet.succeed("queue", "pause", "render", "--reason", "new fonts")
                let events = try await fleet.listen()
                try fleet.startAll()
                try await fleet.open(day)
                try await events.first { $0.kind == .ended && $0.stage == .voice }
                try await fleet.flushRedis()
                // A tick dispatches whatever may be dispatched.
                try await fleet.open(day)
                let list = try await fleet.succeed("queue", "list")
                #expect(list.out.contains("STOPPED: render") && list.out.contains("new fonts"), "\(list)")
                let job = try await fleet.job("emil", day)
                #expect(try await fleet.attempts(job) == ["script succeeded", "voice succeeded"])

                let before = try await fleet.texts("SELECT clock_timestamp()::text")
                try await fleet.succeed("queue", "resume", "render")
                let watch = try await fleet.run("job", "watch", "--day", day)
                #expect(watch.status == 0, "\(watch)")
                #expect(
                    try await fleet.number(
                        """
                        SELECT count(*) FROM attempts
                        WHERE stage = 'render' AND started_at > \(before[0])::text::timestamptz
                        """) == 1)
                #expect(try await fleet.attempts(job).count == 4)
            }
        }
    }
}
