import Fleet
import Foundation
import Postgres
import Production
import TestServers
import Testing

extension EndToEnd {
    /// What somebody does who is woken up by a video that did not come.
    @Suite struct `At night` {
        private let day = "2026-03-05"

        /// Two users whose sources are not there, and their dead letters.
        private func withDeadLetters(_ body: (TestFleet) async throws -> Void) async throws {
            try await TestFleet.with { fleet in
                for (user, channel) in [("anna", "Bees"), ("bert", "Bread")] {
                    let missing = fleet.folder.appending(path: "\(user).md").path
                    try await fleet.addUser(user, channel: channel, source: missing)
                }
                let events = try await fleet.listen()
                try fleet.start(.script)
                try await fleet.open(day)
                var dead: Set<Int64> = []
                try await events.first { event in
                    if event.outcome == "failed" { dead.insert(event.job) }
                    return dead.count == 2
                }
                try await body(fleet)
            }
        }

        @Test func `a dead letter is found, understood, retried with its history, and given up`() async throws {
            try await withDeadLetters { fleet in
                let anna = try await fleet.job("anna", day)
                let bert = try await fleet.job("bert", day)
                let list = try await fleet.succeed("dead", "list")
                #expect(
                    list.out.hasPrefix("2 dead letters") && list.out.contains("`ytempire dead show CAUSE`"), "\(list)")
                #expect(list.widest <= 80, "\(list)")
                let groups = try #require(try await fleet.succeed("dead", "list", "--json").json() as? [[String: Any]])
                let cause = try #require(
                    groups.first { ($0["jobs"] as? [Int64])?.contains(anna) == true }?["cause"] as? String)
                #expect(try await fleet.succeed("dead", "show", cause).out.contains("anna.md"))
                let log = try await fleet.succeed("job", "log", "\(anna)")
                for part in ["created: daily of", "script failed", "asked", "answered", "anna.md", "job retry \(anna)"]
                {
                    #expect(log.out.contains(part), "\(part) is missing in \(log)")
                }

                // Without a yes nothing happens to what was not named.
                let unasked = try await fleet.run("job", "retry", "--state", "dead")
                #expect(unasked.status == 64 && unasked.out.hasPrefix("2 jobs match"), "\(unasked)")
                let dry = try await fleet.succeed("job", "retry", "--state", "dead", "--dry-run")
                #expect(dry.out.contains("2 jobs would be tried again"), "\(dry)")
                #expect(try await fleet.number("SELECT count(*) FROM jobs WHERE state = 'dead'") == 2)
                #expect(try await fleet.run("job", "retry").status == 64)
                let typo = try await fleet.run("job", "list", "--user", "anan")
                #expect(typo.status == 1 && typo.err.contains("Did you mean anna?"), "\(typo)")

                _ = try fleet.source("anna.md", Articles.bees)
                let events = try await fleet.listen()
                try await fleet.succeed("job", "retry", "\(anna)", "--reason", "the file is there now")
                try await events.first { $0.job == anna && $0.outcome == "succeeded" }
                let story = try await fleet.succeed("job", "log", "\(anna)").out
                #expect(story.contains("script failed") && story.contains("script succeeded"), "\(story)")
                #expect(story.contains("the file is there now"), "\(story)")

                let dropped = try await fleet.succeed("dead", "drop", "\(bert)", "--reason", "no more bread")
                #expect(dropped.out.contains("Job \(bert) is given up"))
                #expect(try await fleet.succeed("dead", "list").out == "Nothing is dead.\n")
                #expect(try await fleet.run("dead", "retry", "\(bert)").err.contains("job redo \(bert)"))
                let again = try await fleet.succeed("job", "redo", "\(bert)", "--from", "script", "--json")
                #expect(((try again.json() as? [String: Any])?["done"] as? [Int64]) == [bert], "\(again)")
                let audit = try await fleet.succeed("audit", "list")
                for part in ["job retry \(anna)", "dead drop", "no more bread", "redo --from script"] {
                    #expect(audit.out.contains(part), "\(part) is missing in \(audit)")
                }
            }
        }

        @Test func `a stop holds on an empty Redis, and a drained worker ends`() async throws {
            try await TestFleet.with { fleet in
                try await fleet.addUser("anna", channel: "Bees", source: fleet.source("a.md", Articles.bees))
                let stop = try await fleet.succeed("stop", "--all", "--reason", "new disks")
                #expect(stop.out.contains("Nothing is in hand."), "\(stop)")
                let worker = try fleet.start(.script)
                try await fleet.open(day)
                try await fleet.flushRedis()
                let round = try await fleet.succeed("reconcile")
                #expect(round.out.contains("the whole fleet") && round.out.contains("new disks"), "\(round)")
                #expect(try await fleet.succeed("doctor").out.contains("ytempire start"))
                #expect(try await fleet.number("SELECT count(*) FROM attempts") == 0)
                let events = try await fleet.listen()
                try await fleet.succeed("start")
                try await events.first { $0.outcome == "succeeded" }
                #expect(try await fleet.run("worker", "drain", "script-7").err.contains("Did you mean script-1?"))
                #expect(try await fleet.succeed("worker", "drain", "script-1").out.hasPrefix("Asked script-1"))
                await worker.ended()
                #expect(try await fleet.succeed("worker", "list").out.contains("stopped"))
                #expect(worker.log.contains("asked by a person"))
            }
        }

        @Test func `a video that awaits review is watched, approved or rejected`() async throws {
            try await TestFleet.with { fleet in
                try await fleet.addUser(
                    "anna", channel: "Bees", source: fleet.source("a.md", Articles.bees), "--review")
                let events = try await fleet.listen()
                try fleet.startAll()
                try await fleet.open(day)
                try await events.first { $0.stage == .render && $0.outcome == "succeeded" }
                let job = try await fleet.job("anna", day)
                let review = try await fleet.succeed("review", "list")
                #expect(review.out.contains("/artifacts/") && review.out.contains("anna on Bees"), "\(review)")
                let rejected = try await fleet.succeed("review", "reject", "\(job)", "--reason", "too fast")
                #expect(rejected.out.contains("rejected"))
                try await fleet.succeed("job", "redo", "\(job)", "--from", "render", "--reason", "slower")
                try await events.first { $0.stage == .render && $0.outcome == "succeeded" }
                try await fleet.succeed("review", "approve", "\(job)")
                try await events.first { $0.stage == .upload && $0.outcome == "succeeded" }
                let again = try await fleet.run("job", "redo", "\(job)", "--from", "render")
                #expect(again.status == 1 && again.err.contains("published already"), "\(again)")
                let cost = try await fleet.succeed("cost", "channel", "anna", "Bees")
                #expect(cost.out.contains("Spent for Bees of anna"), "\(cost)")
                let provider = try await fleet.succeed("cost", "provider", "own", "--json")
                #expect((try provider.json() as? [String: Any])?["byDay"] != nil)
            }
        }

        @Test func `the dash draws, obeys keys, and leaves the terminal as it was`() async throws {
            try await withDeadLetters { fleet in
                let once = try await fleet.succeed("dash", "--once")
                #expect(once.widest <= 80 && !once.out.contains("\u{1B}"), "\(once)")
                for part in ["STAGE", "script-1", "anna.md"] { #expect(once.out.contains(part), "\(once)") }
                #expect(try await fleet.run("dash").status == 64, "no terminal")

                let terminal = try TerminalRun(
                    "ytempire", ["dash", "--config", fleet.configuration], in: fleet.folder)
                let before = terminal.settings
                try await terminal.until("anna.md")
                #expect(terminal.settings != before)
                terminal.type("j")
                try await terminal.until("> script")
                terminal.type("p")
                try await terminal.until("paused")
                #expect(try await fleet.texts("SELECT key FROM pauses") == ["script"])
                terminal.type("S")
                try await terminal.until("Stop the whole fleet? y or n")
                terminal.type("y")
                try await terminal.until("STOPPED")
                terminal.resize(columns: 60, rows: 12)
                try await terminal.until("\u{1B}[H")
                terminal.type("q")
                try await terminal.until("\u{1B}[?1049l")
                #expect(await terminal.exited() == 0)
                #expect(terminal.settings == before)
                #expect(try await fleet.succeed("audit", "list").out.contains("dash Stop the whole fleet"))

                for number in [SIGTERM, SIGHUP, SIGINT] {
                    let killed = try TerminalRun(
                        "ytempire", ["dash", "--config", fleet.configuration], in: fleet.folder)
                    let before = killed.settings
                    try await killed.until("q quit")
                    killed.signal(number)
                    try await killed.until("\u{1B}[?1049l")
                    _ = await killed.exited()
                    #expect(killed.settings == before, "after signal \(number)")
                }
            }
        }
    }
}
