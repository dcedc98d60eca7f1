import Foundation
import Ledger
import Production

/// How a piece of text looks.
enum DashStyle: String {
    case plain = "0"
    case bold = "1"
    case dim = "2"
    case good = "32"
    case warning = "33"
    case bad = "31"
}

/// One line of the screen: pieces of text, of which only the look may differ between terminals.
struct DashLine: Equatable {
    struct Piece: Equatable {
        var text: String
        var style: DashStyle
    }

    var pieces: [Piece] = []
    var isSelected = false

    init(_ text: String = "", _ style: DashStyle = .plain) { pieces = [Piece(text: oneBlankLine(text), style: style)] }

    mutating func add(_ text: String, _ style: DashStyle = .plain) {
        pieces.append(Piece(text: oneBlankLine(text), style: style))
    }

    var text: String { pieces.map(\.text).joined() }

    /// As it is sent to a terminal, at most so many columns wide.
    func rendered(columns: Int, colour: Bool) -> String {
        guard colour else { return clipped(text, to: columns).trimmingTrailingBlanks }
        var (line, left) = (isSelected ? "\u{1B}[7m" : "", columns)
        for piece in pieces where left > 0 {
            let text = clipped(piece.text, to: left)
            left -= displayWidth(text)
            line += piece.style == .plain || isSelected ? text : "\u{1B}[\(piece.style.rawValue)m\(text)\u{1B}[0m"
        }
        return isSelected ? line + "\u{1B}[0m" : line
    }
}

/// Without what would steer the terminal; blanks stay, since they line columns up.
private func oneBlankLine(_ text: String) -> String {
    String(
        text.unicodeScalars.map { scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: Character(" ")
            default: Character(scalar)
            }
        })
}

/// Draws a snapshot: a pure function of what is known, what is selected and how large the screen is.
struct DashFrame {
    let snapshot: DashSnapshot
    let state: DashState
    let columns: Int
    let rows: Int

    private var clock: FleetClock { FleetClock(zone: snapshot.zone, now: snapshot.at) }

    /// Exactly `rows` lines, if there are at least five; the last one is the keys, a question or an answer.
    var lines: [DashLine] {
        let foot = foot
        // Small screens go without what only looks well, and the smallest without the stages while a job is selected:
        // what keys act upon is always seen.
        let gap = rows >= 16 ? [DashLine()] : []
        let isJobSelected = if case .job = state.selected { true } else { false }
        var top = [title, money] + gap
        if state.showsKeys {
            top += keys
        } else {
            if rows >= 12 || !isJobSelected { top += stages + gap }
            let room = max(0, rows - top.count - 1)
            let (workers, errors) = (workers, errors)
            // The errors get what the workers leave, but at least a third; what is selected gets a line and its heading.
            var forErrors = min(errors.count, max(room / 3, room - workers.count - gap.count))
            if errors.contains(where: \.isSelected) { forErrors = max(forErrors, min(2, room)) }
            var forWorkers = max(0, min(workers.count, room - forErrors - gap.count))
            if workers.contains(where: \.isSelected), forWorkers < 2 {
                forWorkers = min(2, room)
                forErrors = min(forErrors, room - forWorkers)
            }
            top += shortened(workers, to: forWorkers)
            if forErrors > 1, forWorkers > 0 { top += gap }
            top += shortened(errors, to: min(forErrors, max(0, rows - 1 - top.count)))
        }
        while top.count < rows - 1 { top.append(DashLine()) }
        return Array(top.prefix(max(0, rows - 1))) + [foot]
    }

    private var title: DashLine {
        var line = DashLine("ytempire  ", .bold)
        line.add(clock.time(snapshot.at))
        if let trouble = snapshot.trouble { line.add("  \(trouble)", .bad) }
        if let stop = snapshot.stops.first(where: { $0.scope == "fleet" }) {
            line.add("  STOPPED \(clock.age(stop.since))\(stop.reason.isEmpty ? "" : ": \(stop.reason)")", .bad)
        } else if let stop = snapshot.stops.first(where: { $0.scope == "user" }) {
            let others = snapshot.stops.count(where: { $0.scope == "user" }) - 1
            line.add("  user \(stop.key) stopped\(others > 0 ? ", \(others) more" : "")", .warning)
        }
        return line
    }

    private var money: DashLine {
        var line = DashLine("Money \(snapshot.day)  ")
        guard let money = snapshot.money else {
            line.add("nothing spent yet", .dim)
            return line
        }
        let (used, ceiling) = (Double((money.spent + money.held).rawValue), Double(max(1, money.ceiling.rawValue)))
        let width = 20
        let filled = min(width, Int((used / ceiling * Double(width)).rounded(.up)))
        let style: DashStyle = used > ceiling ? .bad : used > 0.8 * ceiling ? .warning : .good
        line.add(String(repeating: "█", count: filled), style)
        line.add(String(repeating: "░", count: width - filled), .dim)
        line.add("  \(money.spent) of \(money.ceiling) USD")
        if money.held > .zero { line.add(", \(money.held) held") }
        if money.overrun > .zero { line.add(", \(money.overrun) OVER", .bad) }
        return line
    }

    private var stages: [DashLine] {
        let head =
            "  " + "STAGE".right(9)
            + ["QUEUED", "RUNNING", "WAITING", "HELD", "DEAD", "OLDEST", "PER MIN"]
            .map { $0.left(8) }.joined()
        return [DashLine(head, .dim)]
            + snapshot.stages.map { stage in
                let isSelected = state.selected == .stage(stage.stage)
                var line = DashLine((isSelected ? "> " : "  ") + stage.stage.rawValue.right(9))
                line.isSelected = isSelected
                for (count, style) in [
                    (stage.queued, DashStyle.plain), (stage.running, .good), (stage.waiting, .warning),
                    (stage.held, .warning), (stage.dead, .bad),
                ] {
                    line.add("\(count)".left(8), count == 0 ? .dim : style)
                }
                line.add((stage.oldest.map(Self.short) ?? "").left(8))
                line.add(
                    stage.perMinute.formatted(.number.precision(.fractionLength(1)).locale(Locale(identifier: "en")))
                        .left(8))
                if stage.isPaused { line.add("  paused", .bad) }
                return line
            }
    }

    private var workers: [DashLine] {
        guard !snapshot.workers.isEmpty else { return [DashLine("  no worker is alive", .bad)] }
        let width = min(24, max(8, snapshot.workers.map { displayWidth($0.name) }.max() ?? 8)) + 2
        var lines = [DashLine("  " + "WORKER".right(width) + "STATE".right(10) + "JOB".right(8) + "PROGRESS", .dim)]
        for worker in snapshot.workers {
            let style: DashStyle = worker.standing == "alive" ? .good : worker.standing == "dead" ? .bad : .warning
            let idle = [DashSnapshot.Work(job: 0, fraction: nil, detail: "")]
            for (index, work) in (worker.work.isEmpty ? idle : worker.work).enumerated() {
                let isSelected = work.job > 0 && state.selected == .job(work.job)
                var line = DashLine((isSelected ? "> " : "  ") + (index == 0 ? worker.name : "").right(width))
                line.isSelected = isSelected
                line.add((index == 0 ? worker.standing : "").right(10), style)
                line.add((work.job > 0 ? "\(work.job)" : "–").right(8))
                if work.job > 0 {
                    let fraction = min(1, max(0, work.fraction ?? 0))
                    let filled = Int((fraction * 10).rounded())
                    line.add(String(repeating: "█", count: filled), .good)
                    line.add(String(repeating: "░", count: 10 - filled), .dim)
                    line.add(" \(Int(fraction * 100)) %".left(6) + "  \(work.detail)")
                } else {
                    line.add("waits at \(worker.stage.rawValue)", .dim)
                }
                lines.append(line)
            }
        }
        return lines
    }

    private var errors: [DashLine] {
        guard !snapshot.errors.isEmpty else { return [DashLine("  no errors", .dim)] }
        return [
            DashLine("  " + "JOB".right(8) + "WHEN".right(16) + "STATE".right(9) + "STAGE".right(8) + "ERROR", .dim)
        ]
            + snapshot.errors.map { error in
                let isSelected = state.selected == .job(error.job)
                var line = DashLine((isSelected ? "> " : "  ") + "\(error.job)".right(8))
                line.isSelected = isSelected
                line.add(clock.age(error.at).right(16), .dim)
                line.add(error.state.rawValue.right(9), error.state == .dead ? .bad : .warning)
                line.add(error.stage.rawValue.right(8))
                line.add(error.answer)
                return line
            }
    }

    private var foot: DashLine {
        if let question = state.question { return DashLine("\(question.words)? y or n", .warning) }
        if let message = state.message { return DashLine(message, .bold) }
        return DashLine("q quit · ? keys · j k move · p pause · r retry · C cancel · D drop · S stop all", .dim)
    }

    /// Keeps the head, and the part that holds what is selected.
    private func shortened(_ lines: [DashLine], to count: Int) -> [DashLine] {
        guard lines.count > count, count > 0, var head = lines.first else { return Array(lines.prefix(count)) }
        // In front, where it is seen however narrow the screen is.
        head.pieces[0].text.removeFirst(2)
        head.pieces.insert(.init(text: "+\(lines.count - count) ", style: .warning), at: 0)
        let selected = lines.firstIndex(where: \.isSelected) ?? 0
        let start = max(1, min(selected - (count - 2), lines.count - count + 1))
        return [head] + lines[(start..<lines.count)].prefix(count - 1)
    }

    private var keys: [DashLine] {
        [
            "j k, arrows  select a stage or a job", "p  pause or resume the selected stage",
            "r  retry the selected job", "C  cancel the selected job (asks)",
            "D  give the selected dead letter up (asks)", "S  stop or start the whole fleet (asks)", "q  quit",
        ].map { DashLine("  " + $0) }
    }

    /// `4 s`, `3 min`, `2 h`, `5 d`
    private static func short(_ seconds: Double) -> String {
        switch seconds {
        case ..<100: "\(Int(seconds)) s"
        case ..<6_000: "\(Int(seconds / 60)) min"
        case ..<172_800: "\(Int(seconds / 3_600)) h"
        default: "\(Int(seconds / 86_400)) d"
        }
    }
}

extension String {
    /// At least a blank behind, cut to the width otherwise.
    fileprivate func right(_ width: Int) -> String {
        let text = clipped(self, to: width - 1)
        return text + String(repeating: " ", count: max(0, width - displayWidth(text)))
    }

    fileprivate func left(_ width: Int) -> String {
        let text = clipped(self, to: width - 1)
        return String(repeating: " ", count: max(0, width - displayWidth(text))) + text
    }
}
