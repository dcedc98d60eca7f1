import ArgumentParser
import Fleet

@main
struct Ytempire: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ytempire",
        abstract: "Inspect and steer the fleet: users, channels, jobs, queues, workers, costs.",
        discussion: """
            Every command takes --json and --config. Exit codes: 0 done · 1 refused or failed · 64 usage · 75 a server \
            is away · 78 configuration.
            """,
        version: Version.current,
        subcommands: [
            UserCommand.self, ChannelCommand.self, JobCommand.self, QueueCommand.self, WorkerCommand.self,
            CostCommand.self, NextCommand.self, DoctorCommand.self, MigrateCommand.self, MetricsCommand.self,
        ])
}
