import ArgumentParser
import Fleet
import Foundation
import Ledger
import Production
import StageQueue

struct JobCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "job", abstract: "Jobs: one video for one user each.",
        discussion: """
            A job passes through script, voice, render and upload. It is queued, running or waiting (for its next try); \
            or held (for review); or it has ended: published, dead (it needs you), cancelled or skipped (nothing new).

            Why did a video fail?
              ytempire job list --state dead
              ytempire job log 17
            Try again, now that the cause is mended:
              ytempire job retry 17
              ytempire job retry --error "no such file" --dry-run
            """,
        subcommands: [],
        groupedSubcommands: [
            CommandGroup(
                name: "Look",
                subcommands: [List.self, Show.self, Log.self, Watch.self, Report.self, Preview.self]),
            CommandGroup(name: "Act", subcommands: [Retry.self, Redo.self, Cancel.self, Enqueue.self]),
        ])

    struct List: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show jobs, newest first.",
            discussion: """
                Examples:
                  ytempire job list --state dead --day 2026-11-21
                  ytempire job list --user anna --error timeout
                `ytempire job log JOB` tells one's whole story.
                """)

        @OptionGroup(title: "Which jobs") var filters: JobFilters
        @Option(help: "How many at most.") var limit = 50
        @OptionGroup var options: CommandOptions

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit is 1 to 10000.") }
        }

        func run(with services: FleetServices) async throws {
            let filter = try await filters.resolved(by: services.ledger)
            try show(await services.ledger.jobs(filter, limit: limit)) { jobs in
                let more =
                    jobs.count == limit ? "These are the newest \(limit); --limit shows more.\n" : ""
                return jobTable(jobs, clock: services.clock).text + more
            }
        }
    }

    struct Show: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell how a job stands: stages, attempts, errors, artifacts, costs.",
            discussion: "`ytempire job log JOB` tells it by time.")

        @Argument(help: "The job's number.") var job: JobNumber
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            let story = try await JobStory(of: job.id, from: services)
            try show(story) { $0.text(services.clock) }
        }
    }

    struct Report: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a day's videos: what was made, how, what it cost, and what was not as it was meant.")

        @Option(
            help: ArgumentHelp(
                "The production day; also yesterday. Default: today by the fleet's calendar, which near midnight is not every user's.",
                valueName: DayChoice.shape),
            transform: DayChoice.read)
        var day: DayChoice?
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            let day = try await (day ?? .today).text(by: services.ledger)
            try show(await DayReport(of: day, from: services)) { $0.text }
        }
    }

    struct Enqueue: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ask for a video now, beside the daily one.",
            discussion: "It goes before the daily ones. Without --channel it is made for the channel whose turn it is.")

        @Argument(help: "The user's name.") var user: String
        @Option(help: "The channel's name or slug.") var channel: String?
        @Option(
            help: ArgumentHelp("The production day. Default: the user's today.", valueName: DayChoice.shape),
            transform: DayChoice.read)
        var day: DayChoice?
        @Option(help: ArgumentHelp("Why; kept in the audit.", valueName: "text")) var reason = ""
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            let user = try await services.ledger.user(named: user)
            let wanted: Channel? =
                if let channel { try await services.ledger.channel(named: channel, of: user) } else { nil }
            try await services.openPartitions()
            let note = Operator.current().note(
                "job enqueue", user.name + (wanted.map { " --channel '\($0.name)'" } ?? ""), reason: reason)
            let day: String? = if let day { try await day.text(by: services.ledger) } else { nil }
            let due = try await services.ledger.enqueue(for: user, channel: wanted, day: day, as: note)
            // If Redis is away the job is safe: reconcile dispatches it.
            _ = try? await services.queue.dispatch(services.topology.dispatch(due))
            let wait = try await services.ledger.wait(of: due.id)
            try show(await services.ledger.job(due.id)) {
                "Job \($0.id) for \($0.user) on \($0.channel). `ytempire job log \($0.id) --follow` tells how it does.\n"
                    + (wait?.warning(services.clock) ?? "")
            }
        }
    }
}

/// A job's number as people type it.
struct JobNumber: ExpressibleByArgument {
    let id: Job.ID

    init?(argument: String) {
        guard let number = Int64(argument.hasPrefix("#") ? String(argument.dropFirst()) : argument), number > 0 else {
            return nil
        }
        id = Job.ID(number)
    }
}

extension JobState: ExpressibleByArgument {}
extension Production.Stage: ExpressibleByArgument {}

/// Jobs as every list of them shows them.
func jobTable(_ jobs: [JobReport], clock: FleetClock) -> Table {
    var table = Table(
        "JOB", "DAY", Column("USER", .clipped), Column("CHANNEL", .clipped), "STATE", "STAGE",
        Column("CHANGED", .dropped), Column("USD", .dropped), Column("TITLE OR ERROR", .clippedInMiddle),
        empty: "There are no such jobs.")
    for job in jobs {
        table.add(
            "\(job.id)", job.day, job.user, job.channel, job.state.rawValue, job.stage.rawValue,
            clock.age(job.updatedAt), job.cost.description, job.trouble ?? job.title ?? "")
    }
    return table
}

extension JobReport {
    /// Why there is no video, in short; nil where nothing is wrong.
    var trouble: String? {
        switch state {
        // What to do about it stands behind the semicolon.
        case .dead, .waiting: error?.answer.split(separator: "; ").first.map(String.init)
        case .skipped: "its sources had nothing new"
        case .queued, .running, .held, .published, .cancelled: nil
        }
    }
}
