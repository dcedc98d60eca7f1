package import ArgumentParser
import FoundationEssentials
import Ledger
package import Logging
package import Production
import Telemetry

/// The options every executable has.
package struct FleetOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The configuration file.",
            discussion:
                "Default: $YTEMPIRE_CONFIG, ./ytempire.yaml, /etc/ytempire/ytempire.yaml; the first that exists.",
            valueName: "file"))
    package var config: String?

    package init() {}

    /// Reads the configuration; ends the program with exit code 78 and all problems at once if it is wrong.
    package func configuration(for program: FleetProgram = .command) async throws -> FleetConfiguration {
        PrivateMemory.begin()
        do {
            return try await FleetConfiguration.load(
                file: config, environment: ProcessInfo.processInfo.environment, for: program)
        } catch let error as ConfigurationError {
            writeToStandardError("\(error)\n")
            throw ExitCode(ConfigurationError.exitCode)
        }
    }
}

/// The options a worker has.
package struct WorkerOptions: ParsableArguments {
    @OptionGroup package var fleet: FleetOptions

    @Option(
        help: ArgumentHelp(
            "The worker's name.",
            discussion: """
                A worker started under the name of one that died takes up its work at once, so a service's instances \
                should keep theirs. If a living worker has the name, a fresh one is made from it. Default: the stage \
                and the host.
                """))
    package var name: String?

    package init() {}

    package func validate() throws {
        // It becomes the name of a folder, a Redis consumer and a lock; a fresh name made from it adds nine letters.
        guard let name, !Self.isSound(name) else { return }
        throw ValidationError(
            "--name is 1 to 55 letters, digits, dots, hyphens or underscores, the first a letter or digit.")
    }

    private static func isSound(_ name: String) -> Bool {
        let lettersAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        return name.utf8.count <= 55 && String(name.prefix(1)).consists(of: lettersAndDigits)
            && name.consists(of: lettersAndDigits + "._-")
    }

    /// Runs a worker of the given stage until it is told to stop.
    package func work(
        at stage: Stage, artifacts: @Sendable (FleetConfiguration) throws -> any ArtifactStore,
        beside: @escaping @Sendable (FleetServices, Logger) async -> Void = { _, _ in },
        makeWork: @escaping @Sendable (FleetServices) async throws -> any StageWork
    ) async throws {
        let configuration = try await fleet.configuration(for: .worker(stage))
        let logger = Logger(label: "ytempire-\(stage.rawValue)") { _ in
            LineLogHandler(
                level: configuration.logLevel,
                isJournal: Journal.hasStandardError(ProcessInfo.processInfo.environment))
        }
        do {
            try await WorkerProcess(
                stage: stage, name: name, configuration: configuration,
                environment: ProcessInfo.processInfo.environment, artifacts: try artifacts(configuration),
                logger: logger,
                beside: beside, makeWork: makeWork
            ).run()
        } catch let error as ConfigurationError {
            writeToStandardError("\(error)\n")
            throw ExitCode(ConfigurationError.exitCode)
        } catch let error as ReadyError {
            logger.critical("worker can't start", metadata: [LogKey.error: "\(error)"])
            throw ExitCode(ReadyError.exitCode)
        } catch let error as any CustomStringConvertible & Error {
            logger.critical("worker can't start", metadata: [LogKey.error: "\(error)"])
            throw ExitCode.failure
        }
    }
}
