import ArgumentParser
import Fleet
import Foundation
import Telemetry

@main
struct Ytempire: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ytempire",
        abstract: "Inspect and steer the fleet that makes one video a day for every user.",
        discussion: """
            A video failed?  ytempire dead list · ytempire job log JOB · ytempire job retry JOB · ytempire cost job JOB

            Every command takes --json, --config and --help (with examples). Exit codes: 0 done · 1 refused or failed · \
            64 usage · 75 a server is away · 78 configuration. Tables are as wide as the terminal, or COLUMNS; nothing \
            is cut in a pipe. In JSON, money is whole micro-dollars under names that end in MicroUSD (1,000,000 are 1 \
            USD), times are ISO 8601, `job` is a job's number.

            Completions: ytempire --generate-completion-script bash (or zsh, fish). Manual: man ytempire, where it was \
            installed by `make install`.
            """,
        version: Version.current,
        subcommands: [],
        groupedSubcommands: [
            CommandGroup(
                name: "What is going on?",
                subcommands: [
                    DashCommand.self, JobCommand.self, QueueCommand.self, WorkerCommand.self, EventsCommand.self,
                    NextCommand.self, MetricsCommand.self, CutCommand.self,
                ]),
            CommandGroup(
                name: "Mend",
                subcommands: [
                    DeadCommand.self, ReviewCommand.self, StopCommand.self, StartCommand.self, ReconcileCommand.self,
                    DoctorCommand.self, AuditCommand.self,
                ]),
            CommandGroup(name: "Make a video", subcommands: [RenderCommand.self]),
            CommandGroup(name: "Money", subcommands: [CostCommand.self, QuotaCommand.self]),
            CommandGroup(
                name: "Set up",
                subcommands: [
                    UserCommand.self, ChannelCommand.self, AccountCommand.self, BucketCommand.self, SecretCommand.self,
                    MigrateCommand.self,
                ]),
        ])

    static func main() async {
        let words = Vocabulary(root: Self.self).ordered(Array(CommandLine.arguments.dropFirst()))
        if let trouble = Vocabulary(root: Self.self).trouble(in: words) {
            writeToStandardError("ytempire: \(trouble)\n")
            Foundation.exit(ExitCode.validationFailure.rawValue)
        }
        await main(words)
    }
}
