import ArgumentParser
import Fleet
import Ledger
import Production

extension JobCommand {
    struct Retry: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Try dead letters again where they stand, and waiting jobs at once.",
            discussion: """
                All tries begin anew; what happened before stays in the job's log. Filters without --state mean dead \
                and waiting jobs. What is named by its number is done without asking.

                Examples:
                  ytempire job retry 17 18
                  ytempire job retry --state dead --error "disk full" --reason "disk grown"
                """)

        @Argument(help: "Jobs' numbers.") var jobs: [JobNumber] = []
        @OptionGroup(title: "Which jobs") var filters: JobFilters
        @OptionGroup(title: "How") var hand: Hand
        @OptionGroup var options: CommandOptions

        func validate() throws { try validate(jobs, filters) }

        func run(with services: FleetServices) async throws {
            try await act(.retry, named: jobs, filters: filters, hand: hand, action: "job retry", with: services)
        }
    }

    struct Cancel: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Cancel unfinished jobs. Who works on one stops within a beat.",
            discussion: """
                A video of which a byte may have gone out is published first. `ytempire job redo` takes a cancelled job \
                up again.

                Examples:
                  ytempire job cancel 17
                  ytempire job cancel --user anna --day 2026-11-21 --reason "wrong feed"
                """)

        @Argument(help: "Jobs' numbers.") var jobs: [JobNumber] = []
        @OptionGroup(title: "Which jobs") var filters: JobFilters
        @OptionGroup(title: "How") var hand: Hand
        @OptionGroup var options: CommandOptions

        func validate() throws { try validate(jobs, filters) }

        func run(with services: FleetServices) async throws {
            try await act(.cancel, named: jobs, filters: filters, hand: hand, action: "job cancel", with: services)
        }
    }

    struct Redo: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a stage again, and all after it, for jobs that are dead, cancelled, skipped or held.",
            discussion: """
                What earlier stages made is used again; from script on, the job may tell the same item of its source. \
                A published video is never made again: `ytempire job enqueue` asks for another. To withdraw one of the \
                offline publisher, remove its files (`ytempire job report` shows where); the channel's feed follows \
                with its next video.

                Examples:
                  ytempire job redo 17 --from render
                  ytempire job redo --channel News --state held --from script --reason "typo in the feed"
                """)

        @Argument(help: "Jobs' numbers.") var jobs: [JobNumber] = []
        @Option(help: "script, voice, render or upload.") var from: Production.Stage
        @OptionGroup(title: "Which jobs") var filters: JobFilters
        @OptionGroup(title: "How") var hand: Hand
        @OptionGroup var options: CommandOptions

        func validate() throws { try validate(jobs, filters) }

        func run(with services: FleetServices) async throws {
            try await act(
                .redo(from: from), named: jobs, filters: filters, hand: hand,
                action: "job redo --from \(from.rawValue)", with: services)
        }
    }
}
