import ArgumentParser
import Fleet
import Foundation
import Ledger
import Production
import StageQueue

struct JobCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "job", abstract: "Jobs: one video for one user each.",
        subcommands: [
            List.self, Show.self, Watch.self, Report.self, Enqueue.self, Cancel.self, Approve.self,
        ])

    struct List: FleetCommand {
        static let configuration = CommandConfiguration(abstract: "Show jobs, newest first.")

        @Option(help: "\(JobState.allCases.map(\.rawValue).joined(separator: ", ")).") var state: JobState?
        @Option(help: "script, voice, render or upload.") var stage: Production.Stage?
        @Option(help: "The user's name.") var user: String?
        @Option(help: "The channel's name.") var channel: String?
        @Option(help: ArgumentHelp("The production day.", valueName: "YYYY-MM-DD")) var day: ProductionDay?
        @Option(help: "How many at most.") var limit = 50
        @OptionGroup var options: CommandOptions

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit is 1 to 10000.") }
        }

        func run(with services: FleetServices) async throws {
            let filter = Ledger.JobFilter(state: state, stage: stage, user: user, channel: channel, day: day?.text)
            try show(await services.ledger.jobs(filter, limit: limit)) { jobs in
                var table = Table(
                    "JOB", "DAY", "USER", "CHANNEL", "STATE", "STAGE", "COST", "TITLE", empty: "There are no such jobs."
                )
                for job in jobs {
                    table.add(
                        "\(job.id)", job.day, job.user, job.channel, job.state.rawValue, job.stage.rawValue,
                        job.cost.description, job.title ?? "")
                }
                return table.text
            }
        }
    }

    struct Show: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell a job's whole story: stages, attempts, errors, artifacts, costs.")

        @Argument(help: "The job's number.") var job: JobNumber
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            let story = try await JobStory(of: job.id, from: services)
            try show(story) { $0.text }
        }
    }

    struct Report: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a day's videos: what was made, how, and what it cost.")

        @Option(
            help: ArgumentHelp(
                "The production day. Default: today by the fleet's calendar, which near midnight is not every user's.",
                valueName: "YYYY-MM-DD"))
        var day: ProductionDay?
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            let day = if let day { day.text } else { try await services.ledger.moneyDay() }
            try show(await DayReport(of: day, from: services)) { $0.text }
        }
    }

    struct Enqueue: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ask for a video now, beside the daily one.",
            discussion: "It goes before the daily ones. Without --channel it is made for the channel whose turn it is.")

        @Argument(help: "The user's name.") var user: String
        @Option(help: "The channel's name.") var channel: String?
        @Option(help: ArgumentHelp("The production day. Default: the user's today.", valueName: "YYYY-MM-DD"))
        var day: ProductionDay?
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            let user = try await services.ledger.user(named: user)
            let wanted: Channel? =
                if let channel { try await services.ledger.channel(named: channel, of: user) } else { nil }
            let due = try await services.ledger.enqueue(for: user, channel: wanted, day: day?.text)
            // If Redis is away the job is safe: reconcile dispatches it.
            _ = try? await services.queue.dispatch(services.topology.dispatch(due))
            try show(await services.ledger.job(due.id)) {
                "Job \($0.id) for \($0.user) on \($0.channel). `ytempire job show \($0.id)` tells how it does.\n"
            }
        }
    }

    struct Cancel: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Cancel an unfinished job. Who works on it stops within a beat.")

        @Argument(help: "The job's number.") var job: JobNumber
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            try await services.ledger.cancel(job.id)
            try show(await services.ledger.job(job.id)) { "Job \($0.id) is cancelled.\n" }
        }
    }

    struct Approve: FleetCommand {
        static let configuration = CommandConfiguration(abstract: "Let a job that awaits review be published.")

        @Argument(help: "The job's number.") var job: JobNumber
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            let due = try await services.ledger.approve(job.id)
            _ = try? await services.queue.dispatch(services.topology.dispatch(due))
            try show(await services.ledger.job(job.id)) { "Job \($0.id) goes on to be published.\n" }
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
