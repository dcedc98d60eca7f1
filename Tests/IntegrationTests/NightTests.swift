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

        @Test func `a source that has moved is mended, and what was done is told`() async throws {
            try await withDeadLetters { fleet in
                let anna = try await fleet.job("anna", day)
                let list = try await fleet.succeed("dead", "list")
                #expect(
                    list.out.contains("job \(anna) (anna)") && list.out.contains("by the offline provider"), "\(list)")
                let missing = try await fleet.succeed("channel", "edit", "anna", "bees", "--source", "/no/bees.md")
                #expect(missing.out.contains("WARNING") && missing.words.contains("no such file"), "\(missing)")
                let source = try fleet.source("moved.md", Articles.bees)
                let edited = try await fleet.succeed(
                    "channel", "edit", "anna", "BEES", "--source", source, "--reason", "it has moved")
                #expect(edited.words.contains("source: /no/bees.md → \(source)"), "\(edited)")
                #expect(edited.out.contains("1 item, readable from here"), "\(edited)")
                let same = try await fleet.succeed("channel", "edit", "anna", "Bees", "--review")
                #expect(same.out.contains("review: no → before each video is published"), "\(same)")
                #expect(try await fleet.succeed("channel", "show", "anna", "bees").out.contains(source))

                let groups = try #require(try await fleet.succeed("dead", "list", "--json").json() as? [[String: Any]])
                let group = groups.first { ($0["jobUsers"] as? [String]) == ["anna"] }
                let cause = try #require(group?["cause"] as? String)
                let events = try await fleet.listen()
                try await fleet.succeed("dead", "retry", "--cause", cause, "--yes")
                try await events.first { $0.job == anna && $0.outcome == "succeeded" }
                let wrong = try await fleet.run("dead", "retry", "--cause", "zzzzzz", "--yes")
                #expect(wrong.status == 1 && wrong.err.contains("No dead letter has the cause zzzzzz"), "\(wrong)")

                let story = try await fleet.succeed("job", "log", "\(anna)").out
                let parts = ["script failed", "the job ended dead", "dead retry", "(#", "script succeeded"]
                var rest = story[...]
                for part in parts {
                    let found = try #require(rest.range(of: part), "\(part) is missing, or out of order, in \(story)")
                    rest = rest[found.upperBound...]
                }
                let audit = try await fleet.succeed("audit", "list")
                for part in [
                    "channel edit anna 'Bees': source \(source): it has moved",
                    "dead retry --cause \(cause) (job \(anna))",
                    "channel add bert 'Bread'", "user add anna",
                ] {
                    #expect(audit.words.contains(part), "\(part) is missing in \(audit)")
                }
                let nobody = try await fleet.succeed("audit", "list", "--by", "nobody")
                #expect(nobody.out.contains("“nobody”"), "\(nobody)")
                // Rounded up to nothing larger than it is.
                let cost = MicroDollars(
                    try await fleet.number("SELECT sum(amount)::bigint FROM cost_rows WHERE job_id = \(anna)"))
                let wide = try await fleet.run(["job", "list"], environment: ["COLUMNS": "300"])
                #expect(wide.out.contains(" \(cost) "), "\(wide)")
            }
        }

        @Test func `under a stop every command says so`() async throws {
            try await TestFleet.with { fleet in
                try await fleet.addUser("anna", channel: "Bees", source: fleet.source("a.md", Articles.bees))
                let bare = try await fleet.run("queue", "pause")
                #expect(bare.status == 64 && bare.err.contains("--all"), "\(bare)")
                #expect(try await fleet.succeed("next", "anna").out.split(separator: "\n").count == 1)
                try await fleet.succeed("queue", "pause", "script", "--reason", "fonts")
                let enqueued = try await fleet.succeed("job", "enqueue", "anna")
                #expect(enqueued.words.contains("It waits: script is stopped since"), "\(enqueued)")
                let job = try await fleet.number("SELECT max(id) FROM jobs")
                for words in [
                    ["job", "show", "\(job)"], ["job", "log", "\(job)"], ["next", "anna"], ["queue", "list"],
                ] {
                    let told = try await fleet.run(words)
                    #expect(told.status == 0 && told.out.contains("fonts"), "\(told)")
                }
                let watch = try ServerProcess(
                    Programs.path("ytempire"), ["job", "watch", "--config", fleet.configuration], in: ServerFolder())
                try await eventually { watch.log.contains("job \(job)") }
                #expect(watch.log.hasPrefix("STOPPED: script, "), "\(watch.log)")
                await watch.kill()
                try await fleet.succeed("stop", "--user", "anna", "--no-wait", "--reason", "holidays")
                #expect(try await fleet.succeed("user", "list").out.contains("holidays"))
                try await fleet.succeed("stop", "--all", "--no-wait", "--reason", "disks")
                let again = try await fleet.succeed("stop", "--all", "--no-wait", "--reason", "kernel")
                #expect(again.words.contains("was stopped already") && again.words.contains(": disks"), "\(again)")
                let queue = try await fleet.succeed("queue", "list")
                #expect(
                    queue.out.hasPrefix("STOPPED: the whole fleet") && queue.words.contains("disks; kernel"), "\(queue)"
                )
                let resumed = try await fleet.succeed("queue", "resume", "voice")
                #expect(
                    resumed.out.contains("itself") && resumed.words.contains("`ytempire start` ends it"), "\(resumed)")

                // The delivery of a cancelled job may stay in Redis for a moment; nobody waits for it.
                try await fleet.succeed("job", "cancel", "\(job)")
                #expect(try await fleet.succeed("queue", "list", "--json").out.contains("oldestSeconds") == false)
                try await fleet.succeed("channel", "pause", "anna", "bees", "--reason", "new voice")
                let next = try await fleet.run("next", "anna")
                #expect(next.status == 1 && next.err.contains("channel resume anna 'Bees'"), "\(next)")
                #expect(try await fleet.run("events", "--job", "999").err.contains("There is no job 999"))
                #expect(try await fleet.run("events", "--worker", "nobody").status == 1)
                #expect(try await fleet.run("audit", "list", "--job", "999").status == 1)
                #expect(try await fleet.succeed("job", "watch", "--day", "2026-01-01").out.hasPrefix("No job belongs"))
                #expect(try await fleet.succeed("dead", "list", "--json").out == "[]\n")
                let range = try await fleet.succeed("cost", "user", "anna", "--month", "2026-11")
                #expect(range.out == "Nothing was spent for anna from 2026-11-01 to 2026-11-30.\n")
            }
        }

        @Test(.timeLimit(.minutes(2)))
        func `a command that follows ends when its reader does`() async throws {
            try await TestFleet.with { fleet in
                try await fleet.addUser("anna", channel: "Bees", source: fleet.source("a.md", Articles.bees))
                try await fleet.succeed("job", "enqueue", "anna")
                let job = "\(try await fleet.number("SELECT max(id) FROM jobs"))"
                // `events` has nothing to write, and ends all the same.
                for pipe in ["job watch | head -n 1", "job log \(job) --follow | head -n 1", "events | true"] {
                    let process = Process()
                    process.executableURL = URL(filePath: "/bin/bash")
                    process.arguments = [
                        "-c", "\"$0\" \(pipe) >/dev/null; exit ${PIPESTATUS[0]}", try Programs.path("ytempire"),
                    ]
                    process.environment = ["PATH": "/usr/bin:/bin", "YTEMPIRE_CONFIG": fleet.configuration]
                    (process.standardError, process.standardInput) = (FileHandle.nullDevice, FileHandle.nullDevice)
                    let (ends, end) = AsyncStream.makeStream(of: Int32.self)
                    process.terminationHandler = { end.yield($0.terminationStatus) }
                    try process.run()
                    for await status in ends {
                        #expect(status == 128 + SIGPIPE, "\(pipe)")
                        break
                    }
                }
            }
        }

        @Test func `a stop holds on an empty Redis, and a drained worker ends`() async throws {
            try await TestFleet.with { fleet in
                try await fleet.addUser("anna", channel: "Bees", source: fleet.source("a.md", Articles.bees))
                let stop = try await fleet.succeed("stop", "--all", "--reason", "disks")
                #expect(stop.out.contains("Nothing is in hand."), "\(stop)")
                let worker = try fleet.start(.script)
                try await fleet.open(day)
                try await fleet.flushRedis()
                let round = try await fleet.succeed("reconcile")
                #expect(round.out.contains("the whole fleet") && round.out.contains("disks"), "\(round)")
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
                #expect(try await fleet.succeed("audit", "list").out.contains("stop --all: in dash"))

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

extension Programs.Ended {
    /// The output with one blank between words, however it was wrapped.
    var words: String { out.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
}
