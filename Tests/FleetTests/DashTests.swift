import Foundation
import Ledger
import Production
import Testing

@testable import ytempire

@Suite struct `The dash` {
    private func snapshot() -> DashSnapshot {
        let now = Date(timeIntervalSince1970: 1_795_000_000)
        var snapshot = DashSnapshot(at: now, zone: "Europe/Berlin")
        snapshot.stages[2].queued = 12
        snapshot.stages[2].dead = 3
        snapshot.stages[2].oldest = 7_200
        snapshot.stages[1].isPaused = true
        snapshot.workers = [
            .init(
                name: "render-1", stage: .render, standing: "alive", slots: 1,
                work: [.init(job: 17, fraction: 0.43, detail: "scene 2, 3.1×")]),
            .init(name: "voice-1", stage: .voice, standing: "draining", slots: 2, work: []),
        ]
        snapshot.errors = (1...30).map { number in
            .init(
                job: Int64(100 + number), state: .dead, stage: .render, at: now.addingTimeInterval(-60),
                answer: "no space left on device 🎬 \u{1B}[31m\n" + String(repeating: "x", count: 200))
        }
        return snapshot
    }

    private func text(_ state: DashState = DashState(), columns: Int = 80, rows: Int = 24) -> [String] {
        DashFrame(snapshot: snapshot(), state: state, columns: columns, rows: rows).lines
            .map { $0.rendered(columns: columns, colour: false) }
    }

    @Test(arguments: [(80, 24), (80, 10), (132, 50), (40, 12), (200, 8)])
    func `fills the screen and goes nowhere beyond it`(_ columns: Int, _ rows: Int) {
        for selected in DashState.items(of: snapshot()).map(Optional.some) + [nil] {
            let lines = text(DashState(selected: selected), columns: columns, rows: rows)
            #expect(lines.count == rows)
            #expect(lines.allSatisfy { displayWidth($0) <= columns })
            #expect(!lines.joined().contains("\u{1B}"), "nothing from outside steers the terminal")
        }
    }

    @Test func `shows stages, workers, money and errors on 80 by 24`() throws {
        let screen = text()
        let render = try #require(screen.first { $0.hasPrefix("  render ") })
        #expect(render.split(separator: " ").map(String.init) == ["render", "12", "0", "0", "0", "3", "2", "h", "0.0"])
        #expect(screen.contains { $0.hasPrefix("  voice ") && $0.hasSuffix("paused") })
        #expect(screen.contains { $0.contains("render-1") && $0.contains("17") && $0.contains("43 %  scene 2, 3.1×") })
        #expect(screen.contains { $0.contains("voice-1") && $0.contains("draining") })
        #expect(screen.contains { $0.contains("101") && $0.contains("1 min") || $0.contains("60.0 s ago") })
        #expect(screen[0].contains("+01:00") && screen[1].contains("nothing spent yet"))
        #expect(screen[23].contains("q quit"))
    }

    @Test(arguments: [6, 8, 10, 12, 15, 16, 24, 60])
    func `keeps what is selected on the screen, however small that is`(_ rows: Int) {
        for item in DashState.items(of: snapshot()) {
            let screen = text(DashState(selected: item), columns: 60, rows: rows)
            if case .stage = item, rows < 8 { continue }
            #expect(screen.count { $0.hasPrefix("> ") } == 1, "\(item) on \(rows) rows: \(screen)")
            #expect(screen.count == rows && screen.last?.hasPrefix("q quit · ? keys") == true)
        }
    }

    @Test func `says how much is not on the screen, and what the keys are`() {
        #expect(text(rows: 24).contains { $0.hasPrefix("+") && $0.contains("JOB") })
        #expect(!text(rows: 60).contains { $0.hasPrefix("+") })
        var state = DashState()
        #expect(state.press(.letter("?"), on: snapshot()) == nil && state.showsKeys)
        let help = text(state, columns: 60, rows: 12)
        #expect(
            help.count == 12 && help.contains { $0.contains("C  cancel the selected job") }
                && help.contains("  q  quit"))
        #expect(state.press(.letter("j"), on: snapshot()) == nil && !state.showsKeys && state.selected == nil)
    }

    @Test func `is kept in the audit with the words of the commands`() {
        let person = Operator(who: "anna", host: "h")
        for (action, words) in [
            (DashAction.stopAll, "stop --all"), (.pause(.voice), "queue pause voice"), (.retry(7), "job retry 7"),
            (.drop(7), "dead drop 7"),
        ] {
            let note = action.note(by: person)
            #expect("\(note.action) \(note.subject)" == words && note.reason == "in dash" && note.who == "anna")
        }
    }

    @Test func `colours only where it may`() {
        let lines = DashFrame(snapshot: snapshot(), state: DashState(), columns: 80, rows: 24).lines
        #expect(lines.contains { $0.rendered(columns: 80, colour: true).contains("\u{1B}[31m") })
        let stripped = lines.map { line in
            line.rendered(columns: 80, colour: true).replacing(/\u{1B}\[[0-9]*m/, with: "").trimmingTrailingBlanks
        }
        #expect(stripped == lines.map { $0.rendered(columns: 80, colour: false) })
    }

    @Test func `asks before it destroys, and does the rest at once`() {
        var state = DashState()
        let seen = snapshot()
        #expect(state.press(.letter("r"), on: seen) == nil && state.message?.contains("Select a job") == true)
        #expect(state.press(.letter("j"), on: seen) == nil && state.selected == .stage(.script))
        #expect(state.press(.letter("p"), on: seen) == .pause(.script))
        #expect(state.press(.down, on: seen) == nil && state.press(.letter("p"), on: seen) == .resume(.voice))
        for _ in 0..<3 { _ = state.press(.down, on: seen) }
        #expect(state.selected == .job(17))
        #expect(state.press(.letter("r"), on: seen) == .retry(17))
        #expect(state.press(.letter("C"), on: seen) == nil && state.question == .cancel(17))
        #expect(state.press(.letter("n"), on: seen) == nil && state.message == "Nothing was changed.")
        #expect(state.press(.letter("D"), on: seen) == nil && state.press(.letter("y"), on: seen) == .drop(17))
        #expect(state.press(.letter("S"), on: seen) == nil && state.press(.letter("y"), on: seen) == .stopAll)
        #expect(state.press(.letter("c"), on: seen) == nil && state.question == nil, "a small letter destroys nothing")
        #expect(state.press(.letter("q"), on: seen) == .quit)
    }

    @Test func `reads keys and arrows, and ignores what it does not know`() {
        #expect(DashKey.read(Array("jC".utf8)) == [.letter("j"), .letter("C")])
        #expect(DashKey.read(Array("\u{1B}[A\u{1B}[B\u{1B}OA".utf8)) == [.up, .down, .up])
        #expect(DashKey.read(Array("\u{1B}[1;5Cq".utf8)) == [.letter("q")])
        #expect(DashKey.read([3]) == [.letter("q")] && DashKey.read([4]) == [.letter("q")])
        #expect(DashKey.read([0x1B]).isEmpty && DashKey.read([0xC3, 0xA4, 13]).isEmpty)
    }
}

@Suite struct `The fleet's clock` {
    @Test func `tells moments in the fleet's zone, with their age beside`() {
        let now = Date(timeIntervalSince1970: 1_795_000_000)
        let berlin = FleetClock(zone: "Europe/Berlin", now: now)
        #expect(berlin.moment(now.addingTimeInterval(-200)) == "2026-11-18 12:03:20 +01:00 (3 min 20 s ago)")
        #expect(FleetClock(zone: "UTC", now: now).time(now).hasSuffix(" UTC"))
        #expect(berlin.age(now.addingTimeInterval(90)) == "in 90.0 s" && berlin.age(now) == "now")
    }
}

@Suite struct `A line of watch` {
    @Test func `is told in as many lines as the width asks for`() throws {
        #expect(clipped("abcdef", to: 4) == "abc…" && clipped("abcd", to: 4) == "abcd" && clipped("漢字", to: 3) == "漢…")
        let lines = wrapped(String(repeating: "word ", count: 40), indent: 4, first: "job", width: 80)
        #expect(lines.count == 3 && lines.allSatisfy { $0.count <= 80 } && lines[1].hasPrefix("    word"))
    }
}
