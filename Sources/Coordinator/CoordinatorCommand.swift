import ArgumentParser
import ArtifactStores
import Failpoints
import Fleet
import Foundation
import Ledger
import Logging
import Postgres
import Production
import Telemetry

@main
struct CoordinatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ytempire-coordinator",
        abstract: "Opens the production day: one job for every user who is due.",
        discussion: """
            Runs once and ends; cron or a timer starts it each minute. Runs that overlap or repeat are harmless, and a \
            missed one is made up for by the next: nothing in the fleet waits for it but the opening of days. It also \
            promotes what is due, puts Redis right where it disagrees with Postgres, and removes what retention lets go.

            Prints what it opened, and nothing when there was nothing to do. Exit codes: 0 done · 1 something failed, \
            and the next run goes on from there · 64 usage · 75 a server is away · 78 configuration.
            """,
        version: Version.current)

    @OptionGroup var fleet: FleetOptions

    @Option(help: ArgumentHelp("Open this day for every user, due or not.", valueName: "YYYY-MM-DD"))
    var day: ProductionDay?

    @Option(help: ArgumentHelp("Only this user.", valueName: "name"))
    var user: String?

    @Flag(help: "Show what would be opened, and change nothing.")
    var dryRun = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let configuration = try await fleet.configuration(for: .coordinator)
        let logger = Logger(label: "ytempire-coordinator") { _ in
            LineLogHandler(
                level: max(configuration.logLevel, .warning),
                isJournal: Journal.hasStandardError(ProcessInfo.processInfo.environment))
        }
        try await FleetServices.with(configuration, logger: logger) { services in
            do {
                // Days are opened in Postgres; that Redis is away is no reason to leave them closed.
                try await ReadyCheck(services: services, logger: logger).checkDatabase()
                let user: User? = if let name = user { try await services.ledger.user(named: name) } else { nil }
                let tick = Tick(
                    services: services, artifacts: try configuration.openArtifacts(),
                    failpoints: Failpoints(configuration.testing, logger: logger))
                if dryRun {
                    try print(await tick.preview(day: day?.text, user: user?.id), as: json)
                } else {
                    let report = try await tick.run(day: day?.text, user: user?.id)
                    try print(report, as: json)
                    if !report.failures.isEmpty { throw ExitCode.failure }
                }
            } catch let error as ExitCode {
                throw error
            } catch let error as PostgresError where error.isConnectionTrouble {
                writeToStandardError("ytempire-coordinator: \(error)\n")
                throw ExitCode(75)
            } catch let error as ReadyError {
                writeToStandardError("ytempire-coordinator: \(error)\n")
                throw ExitCode(ReadyError.exitCode)
            } catch let error as any Error & CustomStringConvertible {
                writeToStandardError("ytempire-coordinator: \(error)\n")
                throw ExitCode.failure
            }
        }
    }

    private func print(_ report: TickReport, as json: Bool) throws {
        Swift.print(json ? try report.json() : report.text, terminator: "")
    }
}
