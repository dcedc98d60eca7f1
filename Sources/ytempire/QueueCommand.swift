import ArgumentParser
import Fleet
import Foundation
import Ledger
import Production
import StageQueue

struct QueueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "The queues of the four stages.",
        discussion: """
            Examples:
              ytempire queue list                              how much waits where
              ytempire queue inspect render                    what stands at one stage
              ytempire queue pause render --reason "fonts"     `ytempire stop` also stops the fleet, or a user
            """,
        subcommands: [List.self, Inspect.self, Pause.self, Resume.self])

    struct List: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show how much waits at each stage.",
            discussion: """
                QUEUED to DEAD are jobs, as Postgres, which is the truth, counts them; OLDEST is how long the one that \
                has waited longest could have been begun. READY, IN HAND and DELAYED are deliveries in Redis, which may \
                be a moment behind.
                """)

        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            let stops = try await services.ledger.pauses()
            try show(await QueueReport.all(from: services, stops)) { reports in
                var table = Table(
                    "STAGE", "QUEUED", "RUNNING", "WAITING", "HELD", "DEAD", "OLDEST", "READY", "IN HAND", "DELAYED",
                    "STOPPED", empty: "")
                for report in reports {
                    table.add(
                        report.stage.rawValue, "\(report.queued)", "\(report.running)", "\(report.waiting)",
                        "\(report.held)", "\(report.dead)", report.oldestSeconds.map(Phrases.duration) ?? "",
                        "\(report.ready)", "\(report.inHand)", "\(report.delayed)",
                        report.stops.map { $0.scope == "fleet" ? "with all" : "itself" }.joined(separator: ", "))
                }
                let banner = stops.flatMap { $0.banner(services.clock) }
                return (banner.isEmpty ? "" : banner.joined(separator: "\n") + "\n\n") + table.text
            }
        }
    }

    struct Inspect: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one stage's jobs that are queued, running, waiting, held or dead.")

        @Argument(help: "script, voice, render or upload.") var stage: Production.Stage
        @Option(help: "How many of each at most.") var limit = 20
        @OptionGroup var options: CommandOptions

        func validate() throws {
            guard (1...1_000).contains(limit) else { throw ValidationError("--limit is 1 to 1000.") }
        }

        func run(with services: FleetServices) async throws {
            var jobs: [JobReport] = []
            for state in [JobState.running, .queued, .waiting, .held, .dead] {
                jobs += try await services.ledger.jobs(Ledger.JobFilter(state: state, stage: stage), limit: limit)
            }
            try show(jobs) { jobs in
                var table = Table(
                    "JOB", "STATE", Column("USER", .clipped), Column("CHANNEL", .clipped), "CHANGED", "DUE",
                    Column("ERROR", .clippedInMiddle),
                    empty: "Nothing stands at \(stage.rawValue).")
                for job in jobs {
                    table.add(
                        "\(job.id)", job.state.rawValue, job.user, job.channel, services.clock.age(job.updatedAt),
                        job.state == .waiting ? services.clock.age(job.dueAt) : "",
                        job.error.map { "\($0.answer)" } ?? "")
                }
                return table.text
            }
        }
    }

    struct Pause: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Begin nothing more at a stage. What runs goes on.",
            discussion: """
                The stop stands in Postgres: it holds however often Redis or the workers are restarted. `ytempire stop` \
                does the same for a user, and shows what is still in hand.
                """)

        @Argument(help: "script, voice, render or upload.") var stage: Production.Stage?
        @Flag(help: "The whole fleet.") var all = false
        @Option(help: ArgumentHelp("Why, for whoever finds it; kept in the audit.", valueName: "text")) var reason = ""
        @OptionGroup var options: CommandOptions

        func validate() throws { try validateStage(stage, all) }

        func run(with services: FleetServices) async throws {
            let (ledger, person) = (services.ledger, Operator.current())
            let before = try await ledger.stop(of: stage)
            try await ledger.pause(stage, reason: reason, by: person.who)
            try await ledger.keep(person.note("queue pause", stage?.rawValue ?? "--all", reason: reason))
            // Redis' copy only makes it sooner.
            _ = try? await services.reconciler.reconcile()
            try show(["paused": stage?.rawValue ?? "all"]) { _ in
                let what = stage?.rawValue ?? "The whole fleet"
                return before.map { "\(what) was paused already: \($0.line(services.clock)).\n" }
                    ?? "\(what) is paused. `ytempire queue resume \(stage?.rawValue ?? "--all")` ends it.\n"
            }
        }
    }

    struct Resume: FleetCommand {
        static let configuration = CommandConfiguration(abstract: "Go on with a paused stage, or with the whole fleet.")

        @Argument(help: "script, voice, render or upload.") var stage: Production.Stage?
        @Flag(help: "The whole fleet. Stages that were paused by themselves stay so.") var all = false
        @Option(help: ArgumentHelp("Why; kept in the audit.", valueName: "text")) var reason = ""
        @OptionGroup var options: CommandOptions

        func validate() throws { try validateStage(stage, all) }

        private struct Shown: Encodable {
            var resumed: String
            var wasPaused: Bool
            var stillStopped: [PauseReport]
        }

        func run(with services: FleetServices) async throws {
            let was = try await services.ledger.resume(stage)
            if was {
                try await services.ledger.keep(
                    Operator.current().note("queue resume", stage?.rawValue ?? "--all", reason: reason))
            }
            _ = try? await services.reconciler.reconcile(quiet: .zero)
            let left = try await services.ledger.pauses()
            try show(Shown(resumed: stage?.rawValue ?? "all", wasPaused: was, stillStopped: left)) { shown in
                let what = stage?.rawValue ?? "The whole fleet"
                let whole = shown.stillStopped.first { $0.scope == "fleet" }
                guard !was || whole != nil else { return "\(what) goes on.\n" }
                return
                    (was
                    ? "\(what) is not paused itself any more.\n"
                    : "\(what) was not paused\(whole == nil ? "" : " itself").\n")
                    + (whole.map { $0.banner(services.clock).joined(separator: "\n") + "\n" } ?? "")
            }
        }
    }
}

extension FleetCommand {
    fileprivate func validateStage(_ stage: Production.Stage?, _ all: Bool) throws {
        // A bare `queue pause` would stop the whole fleet of somebody who only wants to see what it does.
        guard (stage == nil) == all else {
            throw ValidationError("Say which: script, voice, render or upload; or --all for the whole fleet.")
        }
    }
}

/// One stage as `queue list` shows it: jobs by Postgres, deliveries by Redis.
struct QueueReport: Encodable {
    let stage: Production.Stage
    let queued: Int64
    let running: Int64
    let waiting: Int64
    let held: Int64
    let dead: Int64
    var ready = 0
    var inHand = 0
    var delayed = 0
    var oldestSeconds: Double?
    let isPaused: Bool
    /// Those of the stage and of the fleet.
    let stops: [PauseReport]

    init(_ census: StageCensus, _ stops: [PauseReport]) {
        (stage, queued, running, waiting) = (census.stage, census.queued, census.running, census.waiting)
        (held, dead) = (census.held, census.dead)
        self.stops = stops.filter { $0.scope == "fleet" || $0.scope == "stage" && $0.key == census.stage.rawValue }
        isPaused = !self.stops.isEmpty
    }

    static func all(from services: FleetServices, _ stops: [PauseReport]) async throws -> [QueueReport] {
        var reports = try await services.ledger.standingJobs().map { QueueReport($0, stops) }
        let (oldest, now) = try await (services.ledger.oldestQueued(), services.ledger.now())
        try await services.learnPartitions()
        let depth = try await services.queue.depth()
        for index in reports.indices {
            let stage = reports[index].stage
            let lines = depth.lines.filter { $0.stage.name == stage.rawValue }
            reports[index].ready = lines.map(\.ready).reduce(0, +)
            reports[index].inHand = lines.map(\.inHand).reduce(0, +)
            // By Postgres: Redis may still hold the delivery of a job that was cancelled.
            reports[index].oldestSeconds = oldest[stage].map { max(0, now.timeIntervalSince($0)) }
            reports[index].delayed = depth.delayed.first { $0.key.name == stage.rawValue }?.value ?? 0
        }
        return reports
    }
}

extension Ledger {
    /// The stop of this stage itself, or of the whole fleet; nil if it is not stopped.
    func stop(of stage: Production.Stage?) async throws -> PauseReport? {
        try await pauses().first {
            stage == nil ? $0.scope == "fleet" : $0.scope == "stage" && $0.key == stage?.rawValue
        }
    }
}
