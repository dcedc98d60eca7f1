import ArgumentParser
import Fleet
import Foundation
import Ledger
import Production

extension JobCommand {
    struct Log: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell a job's story by time: attempts, workers, errors, costs, what people did.",
            discussion: """
                Errors are told whole: what was asked of whom, what was answered, what happens next. With --json one \
                entry a line.

                Examples:
                  ytempire job log 17
                  ytempire job log 17 --follow        until the job has ended or is held
                """)

        @Argument(help: "The job's number.") var job: JobNumber
        @Flag(name: .shortAndLong, help: "Go on until the job has ended or is held.") var follow = false
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            let bell = EventBell(services: services)
            if follow { Terminal.endWithReader() }
            try await withThrowingTaskGroup(of: Void.self) { group in
                if follow { group.addTask { await bell.run() } }
                defer { group.cancelAll() }
                var told: [HistoryEntry] = []
                var causes: [String]?
                while true {
                    // Read before the story: whatever ended the job is then in it.
                    let state = try await services.ledger.job(job.id).state
                    let history = try await services.ledger.history(of: job.id)
                    for entry in history where !told.contains(entry) {
                        try tell(entry, services.clock)
                    }
                    told = history
                    guard follow, !state.isFinished, state != .held else {
                        let wait = try await services.ledger.wait(of: job.id)
                        if !options.json, !state.isFinished || !follow { print(hint(state, wait, services.clock)) }
                        return
                    }
                    let wait = options.json ? nil : try await services.ledger.wait(of: job.id)
                    if let wait, wait.causes != causes {
                        print(wrapped("waits: \(wait.why(services.clock))", indent: 4).joined(separator: "\n"))
                        fflush(nil)
                    }
                    causes = wait?.causes
                    for await _ in bell.rings { break }
                    try await Task.sleep(for: .milliseconds(200))
                }
            }
        }

        private func tell(_ entry: HistoryEntry, _ clock: FleetClock) throws {
            if options.json {
                print(try jsonLine(entry))
            } else {
                print(entry.lines(job: job.id, clock: clock).joined(separator: "\n"))
            }
            fflush(nil)
        }

        private func hint(_ state: JobState, _ wait: WaitReport?, _ clock: FleetClock) -> String {
            switch state {
            case .dead: "\nDead: mend the cause, then `ytempire job retry \(job.id)`."
            case .held: "\nHeld: `ytempire review approve \(job.id)` lets it go on."
            case .queued, .running, .waiting:
                "\n"
                    + wrapped(
                        "Now \(state.rawValue)\(wait.map { " at \($0.stage.rawValue): \($0.why(clock))" } ?? "").",
                        indent: 4,
                        first: ""
                    ).joined(separator: "\n") + "\n`ytempire job log \(job.id) --follow` tells what comes."
            case .published, .cancelled, .skipped: "\nIt has ended: \(state.rawValue)."
            }
        }
    }
}

extension HistoryEntry {
    /// `2026-11-21 02:13:07 UTC  render failed (#4) after 3.1 s on host-a by render-1`, and below it what there is to tell.
    func lines(job: Job.ID, clock: FleetClock, width: Int = Terminal.columns) -> [String] {
        let who = worker.map { " by \($0)" + (host.map { " on \($0)" } ?? "") } ?? ""
        let number = attempt.map { " (#\($0))" } ?? ""
        let place = stage.map { "\($0.rawValue) " } ?? ""
        let headline =
            switch what {
            case "created": "created: \(detail ?? "")"
            case "begun": "\(place)begun\(number)\(who)"
            case "queued": "queued for \(stage?.rawValue ?? "")"
            case "by hand": (detail ?? "") + number
            case "reserved": "\(place)reserved \(amount.map(Phrases.money) ?? ""): \(provider ?? "") \(detail ?? "")"
            case "sending": "publishing by \(Phrases.provider(provider ?? ""))"
            case "published" where detail != nil: "published by \(Phrases.provider(provider ?? ""))"
            case "skipped" where worker == nil: "the job ended skipped: its sources had nothing new"
            case "published", "dead", "cancelled", "skipped":
                worker == nil ? "the job ended \(what)" : "\(place)\(what)\(number)"
            default: "\(place)\(what)\(number)"
            }
        let lasted = seconds.map { "\(what == "queued" ? ", waited" : " after") \(Phrases.duration($0))" } ?? ""
        var lines = wrapped(
            headline + lasted, indent: 25,
            first: clock.time(at) + "  ",
            width: width)
        func add(_ word: String, _ text: String) {
            lines += wrapped(
                text, indent: 14, first: "    " + word.padding(toLength: 10, withPad: " ", startingAt: 0), width: width)
        }
        if let error {
            add("job", "\(job) at \(error.stage.rawValue)")
            add("by", Phrases.provider(error.provider.rawValue))
            add("asked", error.asked)
            add("answered", error.answer)
            add("next", error.next)
        }
        if let stage, let why = wait?.why(at: stage, clock), !why.isEmpty { add("meanwhile", why) }
        if what == "sending" || what == "published", let detail { add("", detail) }
        if let notes, !notes.isEmpty {
            add("notes", notes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: " · "))
        }
        if let amount, amount > .zero, what != "reserved" {
            let total = attempt == nil ? ", all together (`ytempire cost job \(job)`)" : ""
            add("cost", Phrases.money(amount) + total + (inDoubt.map { ", of it in doubt \(Phrases.money($0))" } ?? ""))
        }
        return lines
    }
}

/// A value as one line of JSON, its keys sorted.
func jsonLine(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .iso8601
    return String(decoding: try encoder.encode(value), as: UTF8.self)
}
