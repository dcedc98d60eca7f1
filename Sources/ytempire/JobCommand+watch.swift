import ArgumentParser
import Fleet
import Foundation
import Ledger
import Production
import Redis

extension JobCommand {
    struct Watch: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Follow a day's jobs until all have ended.",
            discussion: """
                Redraws in a terminal; prints a line at each change elsewhere, and tells of a stop or a paused channel \
                that keeps jobs waiting. Exit code 0 when every job ended published, skipped or cancelled; 1 when one is \
                dead or awaits a person.
                """)

        @Option(
            help: ArgumentHelp(
                "The production day; also yesterday. Default: today by the fleet's calendar, which near midnight is not every user's.",
                valueName: DayChoice.shape),
            transform: DayChoice.read)
        var day: DayChoice?
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            let day = try await (day ?? .today).text(by: services.ledger)
            Terminal.endWithReader()
            var screen = WatchScreen(isTerminal: Terminal.isOutput && !options.json)
            let bell = EventBell(services: services)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await bell.run() }
                defer { group.cancelAll() }
                for await _ in bell.rings {
                    let jobs = try await services.ledger.jobs(Ledger.JobFilter(day: day), limit: 1_000)
                    let live = await bell.live()
                    let lines = jobs.reversed().map { WatchLine($0, live[$0.id]) }
                    if options.json {
                        screen.note(try lines.map { try $0.json() })
                    } else {
                        screen.draw(lines, under: try await Hindrance.all(of: jobs, on: day, by: services))
                    }
                    if jobs.allSatisfy({ $0.state.isFinished || $0.state == .held }) { break }
                    // A fleet of many workers rings more often than anyone can read.
                    try await Task.sleep(for: .milliseconds(200))
                }
            }
            let jobs = try await services.ledger.jobs(Ledger.JobFilter(day: day), limit: 1_000)
            if jobs.isEmpty, !options.json { print("No job belongs to \(day).") }
            if jobs.contains(where: { $0.state == .dead || $0.state == .held }) { throw ExitCode.failure }
        }
    }
}

/// What keeps jobs waiting until a person ends it, and how.
struct Hindrance {
    let what: String
    let lines: [String]

    static func all(of jobs: [JobReport], on day: String, by services: FleetServices) async throws -> [Hindrance] {
        let waiting = jobs.filter { $0.state == .queued || $0.state == .waiting }
        guard !waiting.isEmpty else { return [] }
        let stops = try await services.ledger.pauses().filter { stop in
            waiting.contains { stop.covers($0.stage, of: $0.user) }
        }
        return stops.map { Hindrance(what: $0.what, lines: $0.banner(services.clock)) }
            + paused(try await services.ledger.pausedChannels(Ledger.JobFilter(day: day)))
    }

    static func paused(_ channels: [(user: String, channel: String)]) -> [Hindrance] {
        guard let first = channels.first else { return [] }
        var names = channels.prefix(5).map { "\($0.user)'s \($0.channel)" }
        if channels.count > 5 { names.append("\(channels.count - 5) more") }
        let which = channels.count == 1 ? "\(first.user) '\(first.channel)'" : "USER CHANNEL"
        let text = "\(Phrases.list(names)). `ytempire channel resume \(which)` goes on."
        return [Hindrance(what: text, lines: wrapped(text, indent: 8, first: "PAUSED: "))]
    }
}

/// One job as `watch` shows it.
struct WatchLine: Equatable, Encodable {
    let job: Int64
    let user: String
    let channel: String
    let state: JobState
    let stage: Production.Stage
    let fraction: Double?
    let detail: String

    init(_ job: JobReport, _ live: LiveReport.Work?) {
        (self.job, user, channel, state, stage) = (job.id, job.user, job.channel, job.state, job.stage)
        fraction = job.state == .running ? live?.fraction : nil
        switch job.state {
        case .running: detail = live?.detail ?? ""
        case .waiting, .dead: detail = job.error.map { "\($0.asked): \($0.answer)" } ?? ""
        case .published: detail = job.title ?? ""
        case .held: detail = job.heldBecause ?? ""
        case .skipped: detail = job.trouble ?? ""
        case .queued, .cancelled: detail = ""
        }
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// `script ✓ voice ✓ render 43 % upload ·`
    var stages: String {
        Production.Stage.allCases.map { each in
            let name = each.rawValue
            if state == .published || each < stage { return "\(name) ✓" }
            guard each == stage else { return "\(name) ·" }
            return switch state {
            case .running: fraction.map { "\(name) \(Int($0 * 100)) %" } ?? "\(name) …"
            case .dead: "\(name) ✗"
            default: "\(name) ·"
            }
        }.joined(separator: "  ")
    }

    private var head: String { "job \(job)  \(user), \(channel)  \(stages)" }

    private var tail: String {
        guard state != .running, state != .queued else { return detail }
        return detail.isEmpty ? state.rawValue : "\(state.rawValue): \(detail)"
    }

    /// On one line, however long.
    var text: String { oneLine("\(head)  \(tail)") }

    /// As many lines as it takes; what went wrong is told whole.
    func lines(width: Int) -> [String] {
        if displayWidth(text) <= width { return [text] }
        let rest = tail.isEmpty ? [] : wrapped(tail, indent: 4, width: width)
        return [clipped(oneLine(head), to: width)] + rest
    }
}

/// Draws the lines over each other in a terminal; prints those that tell something new elsewhere.
struct WatchScreen {
    let isTerminal: Bool
    private var drawn = 0
    private var said: [Int64: WatchLine] = [:]
    private var noted: Set<String> = []
    private var hindered: Set<String> = []

    init(isTerminal: Bool) { self.isTerminal = isTerminal }

    mutating func draw(_ lines: [WatchLine], under hindrances: [Hindrance] = []) {
        if isTerminal {
            if drawn > 0 { print("\u{1B}[\(drawn)A", terminator: "") }
            let all = hindrances.flatMap(\.lines) + lines.map(\.text)
            for line in all { print("\u{1B}[2K\(clipped(line, to: Terminal.columns))") }
            // What has ended leaves lines behind.
            print("\u{1B}[J", terminator: "")
            drawn = all.count
        } else {
            for hindrance in hindrances where !hindered.contains(hindrance.what) {
                print(hindrance.lines.joined(separator: "\n"))
            }
            hindered = Set(hindrances.map(\.what))
            for line in lines where isNews(line) {
                print(line.lines(width: Terminal.columns).joined(separator: "\n"))
                said[line.job] = line
            }
        }
        fflush(nil)
    }

    mutating func note(_ lines: [String]) {
        for line in lines where noted.insert(line).inserted { print(line) }
        fflush(nil)
    }

    /// Another state or stage, or ten per cent more.
    private func isNews(_ line: WatchLine) -> Bool {
        guard let last = said[line.job] else { return true }
        if (last.state, last.stage) != (line.state, line.stage) { return true }
        return (line.fraction ?? 0) >= (last.fraction ?? 0) + 0.1
    }
}
