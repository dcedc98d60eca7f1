import ArgumentParser
import Foundation
import Production
import Testing

@testable import Ledger
@testable import ytempire

@Suite struct `A command line` {
    private let vocabulary = Vocabulary(root: Ytempire.self)

    @Test(arguments: [
        ("jobs list", "`ytempire job`"), ("que list", "`ytempire queue`"), ("job lst", "`ytempire job list`"),
        ("job logs 2", "`ytempire job log`"), ("channel shwo", "`ytempire channel show`"),
        ("status", "dash --once"), ("logs", "ytempire events"), ("help man", "make install"),
        ("help completion", "--generate-completion-script"), ("help jbo", "`ytempire job`"),
        ("job help", "`ytempire help job`"), ("frobnicate", "There are: "), ("cost users anna", "`ytempire cost user`"),
    ])
    func `with a command that is not there is told which one was meant`(_ typed: String, _ hint: String) throws {
        let trouble = try #require(vocabulary.trouble(in: typed.split(separator: " ").map(String.init)))
        #expect(trouble.contains("There is no command") && trouble.contains(hint), "\(trouble)")
    }

    @Test(arguments: [
        "", "job", "job list --state dead", "help", "help job", "help job list", "job log 17 -f", "--help",
        "--version", "dash --once", "cost day 2026-11-21", "next lst", "--generate-completion-script bash", "help help",
    ])
    func `with known commands is left to them`(_ typed: String) {
        #expect(vocabulary.trouble(in: typed.split(separator: " ").map(String.init)) == nil)
    }

    @Test(arguments: [
        ("--json job list", "job list --json"),
        ("--config a.yaml job list --limit 2", "job list --limit 2 --config a.yaml"),
        ("--config=a.yaml --json next -- tom", "next --config=a.yaml --json -- tom"), ("job list", "job list"),
        ("--json", "--json"), ("--config a.yaml", "--config a.yaml"), ("--version", "--version"),
    ])
    func `may have every command's options in front`(_ typed: String, _ meant: String) {
        let words = vocabulary.ordered(typed.split(separator: " ").map(String.init))
        #expect(words.joined(separator: " ") == meant)
    }

    @Test(arguments: [
        ["job", "retry"], ["dead", "drop"], ["job", "redo", "--from", "voice"], ["review", "approve"],
    ])
    func `that says not which jobs is shown that command's usage`(_ words: [String]) {
        for extra in [[], ["17", "--user", "anna"]] {
            let error = #expect(throws: (any Error).self) { try Ytempire.parseAsRoot(words + extra) }
            let message = error.map { Ytempire.fullMessage(for: $0) } ?? ""
            #expect(message.contains("Usage: ytempire \(words[0]) \(words[1])"), "\(message)")
        }
    }

    @Test(arguments: [
        ["queue", "pause"], ["queue", "resume"], ["queue", "pause", "voice", "--all"], ["channel", "edit", "a", "b"],
        ["cost", "user", "a", "--month", "2026-11", "--since", "today"], ["cost", "user", "a", "--month", "2026-13"],
        ["dead", "retry", "--state", "waiting"],
    ])
    func `that says too little, or too much, changes nothing`(_ words: [String]) {
        #expect(throws: (any Error).self) { try Ytempire.parseAsRoot(words) }
    }

    @Test(arguments: [
        ["queue", "pause", "voice"], ["queue", "pause", "--all"], ["channel", "edit", "a", "b", "--review"],
        ["channel", "pause", "a", "b", "--reason", "c"], ["job", "list", "--day", "today"],
        ["job", "retry", "--day", "yesterday", "--dry-run"], ["cost", "provider", "--month", "2026-02"],
    ])
    func `that says enough is understood`(_ words: [String]) throws { _ = try Ytempire.parseAsRoot(words) }
}

@Suite struct `A day that a person types` {
    @Test(arguments: [
        ("21.11.2026", "write 2026-11-21"), ("21/11/2026", "write 2026-11-21"), ("1.2.2026", "write 2026-02-01"),
        ("2026/11/21", "write 2026-11-21"), ("2026-13-40", "2026-11-21, or today"), ("tomorrow", "or yesterday"),
        ("", "2026-11-21"),
    ])
    func `in another way is answered with the right one`(_ text: String, _ answer: String) {
        let error = #expect(throws: ValidationError.self) { try DayChoice.read(text) }
        #expect(error?.message.contains(answer) == true)
    }

    @Test func `may be a word`() throws {
        for text in ["today", "Yesterday", "2026-11-21"] {
            #expect(try DayChoice.read(text).typed == text.lowercased())
        }
        #expect(try Period.Month("2024-02").last == "2024-02-29" && Period.Month("2026-11").last == "2026-11-30")
        #expect(Period.Days(first: "a", last: "b").told(earliest: nil) == "from a to b")
        #expect(Period.Days().told(earliest: "2026-11-02") == "in all, since 2026-11-02")
    }
}

@Suite struct `Words` {
    @Test func `tell prices, lists and providers as people do`() {
        #expect(Phrases.price(20_000, for: 3_600_000, of: "ms") == "0.02 an hour")
        #expect(Phrases.price(10_000, for: 1 << 30, of: "bytes") == "0.01 per GiB")
        #expect(Phrases.price(3_000_000, for: 1_000_000, of: "tokens") == "3.00 per 1000000 tokens")
        #expect(["a"].map { Phrases.list([$0]) } == ["a"] && Phrases.list(["a", "b", "c"]) == "a, b and c")
        #expect(Phrases.provider("offline") == "the offline provider" && Phrases.provider("openai") == "openai")
    }

    @Test func `tell what to do about a dead letter by what was answered`() {
        func advice(_ stage: Production.Stage, _ provider: ProviderName, _ asked: String, _ answer: String) -> String {
            DeadLetterGroup(
                cause: "3fa2c1", stage: stage, provider: provider.rawValue, pattern: "", count: 1, users: 1,
                oldest: clock.now, newest: clock.now, jobs: [7], jobUsers: ["anna"],
                example: JobError(stage: stage, provider: provider, asked: asked, answer: answer, next: "")
            ).advice
        }
        let refused = "HTTP 401, invalid_request_error/invalid_api_key, “Incorrect API key provided”"
        #expect(
            advice(.script, "openai", "write a script with gpt-5-mini", refused)
                == "Mend the key (openai.key) and restart the script workers, then `ytempire dead retry --cause 3fa2c1`."
        )
        let voice = advice(.voice, "elevenlabs", "speak “The sea”", "401 invalid_api_key: no")
        #expect(voice.hasPrefix("Mend the key (elevenlabs.key) and restart the voice workers, "))
        let stock = advice(.render, "pexels", "look for “sea”", "status 403: no")
        #expect(stock.hasPrefix("Mend the key (stock.pexels.key) and restart the render workers, "))
        let login = "https://a.org/feed: the server refuses access (HTTP 401); give a source that needs no login"
        for asked in ["read the source of channel “Sea”", "write a storyboard from the source of channel “Sea”, /a"] {
            #expect(advice(.script, "openai", asked, login).hasPrefix("Look at the channel's source"))
        }
        let other = advice(.script, "openai", "write a script with gpt-5-mini", "HTTP 400, 401 words are too many")
        #expect(other.hasPrefix("`ytempire job log 7` tells what happened."), "\(other)")
    }

    @Test func `tell a person who connects an account which port to forward`() {
        let address = "https://accounts.google.com/o/oauth2?redirect_uri=http%3A%2F%2F127.0.0.1%3A56963%2F&state=a"
        let text = AccountCommand.ConsentHint(address: address).text
        #expect(text.contains("\n\n\(address)\n\n"))
        #expect(text.contains("From another machine: ssh -L 56963:127.0.0.1:56963 THIS-HOST first.\n"))
        #expect(text.contains("It waits 10 minutes for the answer.\n"))
    }

    @Test func `tell which jobs are in hand, and which channels are paused`() {
        #expect(StopCommand.inHand([]) == "Nothing is in hand.")
        #expect(StopCommand.inHand([(3, .render)]) == "Still in hand: job 3 at render.")
        #expect(StopCommand.inHand([(3, .render), (5, .voice)]) == "Still in hand: jobs 3 at render, 5 at voice.")
        let many = StopCommand.inHand((1...12).map { ($0, .script) })
        #expect(many.hasSuffix(" 10 at script and 2 more."))
        let one = Hindrance.paused([("anna", "Bees")])
        #expect(one.first?.what == "anna's Bees. `ytempire channel resume anna 'Bees'` goes on.")
        #expect(Hindrance.paused([("anna", "Bees"), ("ben", "Sea")])[0].what.hasPrefix("anna's Bees and ben's Sea. "))
        #expect(Hindrance.paused([]).isEmpty)
    }

    @Test(
        arguments: [
            (nil, 0, nil), (nil, 160, 160), ("200", 160, 200), ("200", 0, 200), ("5", 160, 160), ("wide", 0, nil),
            (nil, 10, nil),
        ] as [(String?, UInt16, Int?)])
    func `are as wide as COLUMNS says, else the terminal`(_ columns: String?, _ window: UInt16, _ width: Int?) {
        // No rows, as `script` and many tools make terminals.
        let size = winsize(ws_row: 0, ws_col: window, ws_xpixel: 0, ws_ypixel: 0)
        #expect(Terminal.width(columns.map { ["COLUMNS": $0] } ?? [:], window: size) == width)
    }

    private let clock = FleetClock(zone: "UTC", now: Date(timeIntervalSince1970: 1_795_000_000))

    private func wait(
        stops: [PauseReport] = [], isChannelPaused: Bool = false, due: TimeInterval? = nil, alone: Bool = false,
        workers: Int64 = 1, slots: Int64 = 1, inHand: [Int64] = [], others: Int64 = 0
    ) -> WaitReport {
        WaitReport(
            stage: .render, stops: stops, isChannelPaused: isChannelPaused,
            dueAt: due.map { clock.now.addingTimeInterval($0) }, mustRunAlone: alone, workers: workers, slots: slots,
            inHand: inHand, others: others)
    }

    @Test func `say why a job waits, and what ends that`() {
        let stop = PauseReport(
            scope: "stage", key: "render", reason: "fonts", since: clock.now.addingTimeInterval(-20), who: "anna")
        for (wait, part) in [
            (wait(inHand: [2]), "the only slot of render is busy with job 2"),
            (
                wait(slots: 2, inHand: [2, 5], others: 3),
                "all 2 slots of render are busy with jobs 2, 5; 3 others are queued"
            ),
            (wait(workers: 0, slots: 0), "no render worker is alive (start ytempire-render)"),
            (wait(due: 90), "it is due at 2026-11-18 11:08:10 UTC (in 90.0 s)"),
            (wait(isChannelPaused: true), "`ytempire channel resume`"), (wait(alone: true, slots: 2), "alone"),
            (wait(slots: 2, inHand: [2]), "free slot"),
            (wait(stops: [stop], inHand: [2]), "(20.0 s ago) by anna: fonts (`ytempire start --stage render` ends it)"),
        ] {
            #expect(wait.why(clock).contains(part), "\(wait.why(clock))")
        }
        #expect(wait(stops: [stop]).warning(clock)?.hasPrefix("It waits: render is stopped") == true)
        #expect(wait(inHand: [2]).warning(clock) == nil, "that it waits for its turn is no news")
        #expect(stop.banner(clock)[0].hasPrefix("STOPPED: render, 20.0 s ago by anna: fonts."))
    }
}
