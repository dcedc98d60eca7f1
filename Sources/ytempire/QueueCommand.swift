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
            ytempire queue list                              how much waits where
              ytempire queue inspect render                    what stands at one stage
              ytempire queue pause render --reason "fonts"     `ytempire stop` also stops the fleet, or a user
            """,
        subcommands: [List.self, Inspect.self, Pause.self, Resume.self])

    struct List: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show how much waits at each stage.",
            discussion: """
                Jobs are counted in Postgres, which is the truth; deliveries in Redis. Finished jobs are those of the \
                last day.
                """)

        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            try show(await QueueReport.all(from: services)) { reports in
                var table = Table(
                    "STAGE", "QUEUED", "RUNNING", "WAITING", "HELD", "DEAD", "READY", "IN HAND", "DELAYED", "OLDEST",
                    "",
                    empty: "")
                for report in reports {
                    table.add(
                        report.stage.rawValue, "\(report.queued)", "\(report.running)", "\(report.waiting)",
                        "\(report.held)", "\(report.dead)", "\(report.ready)", "\(report.inHand)", "\(report.delayed)",
                        report.oldestSeconds.map(Phrases.duration) ?? "", report.isPaused ? "paused" : "")
                }
                return table.text
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
                    "JOB", "STATE", "USER", "CHANNEL", "CHANGED", "DUE", "ERROR",
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
            abstract: "Begin nothing more at a stage, or anywhere. What runs goes on.",
            discussion: "The stop stands in Postgres: it holds however often Redis or the workers are restarted.")

        @Argument(help: "script, voice, render or upload. Default: all.") var stage: Production.Stage?
        @Option(help: "Why, for whoever finds it.") var reason = ""
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            try await services.ledger.pause(stage, reason: reason)
            try await services.ledger.keep(
                Operator.current().note("queue pause", stage?.rawValue ?? "all", reason: reason))
            // Redis' copy only makes it sooner.
            _ = try? await services.reconciler.reconcile()
            try show(["paused": stage?.rawValue ?? "all"]) { _ in
                "\(stage?.rawValue ?? "Everything") is paused. `ytempire queue resume\(stage.map { " \($0.rawValue)" } ?? "")` ends it.\n"
            }
        }
    }

    struct Resume: FleetCommand {
        static let configuration = CommandConfiguration(abstract: "Go on with a paused stage, or with everything.")

        @Argument(help: "script, voice, render or upload. Default: the stop of everything.") var stage:
            Production.Stage?
        @Option(help: "Why; kept in the audit.") var reason = ""
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            let was = try await services.ledger.resume(stage)
            if was {
                try await services.ledger.keep(
                    Operator.current().note("queue resume", stage?.rawValue ?? "all", reason: reason))
            }
            _ = try? await services.reconciler.reconcile(quiet: .zero)
            try show(["resumed": stage?.rawValue ?? "all"]) { _ in
                was
                    ? "\(stage?.rawValue ?? "Everything") goes on.\n"
                    : "\(stage?.rawValue ?? "Everything") was not paused.\n"
            }
        }
    }
}

/// One stage as `queue list` shows it: jobs by Postgres, deliveries by Redis.
struct QueueReport: Encodable {
    let stage: Production.Stage
    var queued: Int64 = 0
    var running: Int64 = 0
    var waiting: Int64 = 0
    var held: Int64 = 0
    var dead: Int64 = 0
    var ready = 0
    var inHand = 0
    var delayed = 0
    var oldestSeconds: Double?
    var isPaused = false

    static func all(from services: FleetServices) async throws -> [QueueReport] {
        let paused = try await services.ledger.pausedStages()
        var reports = Production.Stage.allCases.map { QueueReport(stage: $0) }
        for (stage, state, count) in try await services.ledger.census() {
            guard let index = reports.firstIndex(where: { $0.stage == stage }) else { continue }
            switch state {
            case .queued: reports[index].queued = count
            case .running: reports[index].running = count
            case .waiting: reports[index].waiting = count
            case .held: reports[index].held = count
            case .dead: reports[index].dead = count
            case .published, .cancelled, .skipped: break
            }
        }
        try await services.learnPartitions()
        let depth = try await services.queue.depth()
        for index in reports.indices {
            reports[index].isPaused = paused.contains(reports[index].stage)
            let lines = depth.lines.filter { $0.stage.name == reports[index].stage.rawValue }
            reports[index].ready = lines.map(\.ready).reduce(0, +)
            reports[index].inHand = lines.map(\.inHand).reduce(0, +)
            reports[index].oldestSeconds = lines.compactMap(\.oldest).max().map { $0 / .seconds(1) }
            reports[index].delayed = depth.delayed.first { $0.key.name == reports[index].stage.rawValue }?.value ?? 0
        }
        return reports
    }
}
