import ArgumentParser
import Fleet
import Foundation
import Ledger
import Logging
import Postgres
import Redis
import StageQueue
import Telemetry

/// The options of every command.
struct CommandOptions: ParsableArguments {
    @OptionGroup var fleet: FleetOptions

    @Flag(help: "Print JSON.")
    var json = false
}

/// A command that works with the fleet's servers.
protocol FleetCommand: AsyncParsableCommand {
    var options: CommandOptions { get }
    func run(with services: FleetServices) async throws
}

extension FleetCommand {
    /// Reads the configuration, runs the command, and turns whatever goes wrong into one message and an exit code.
    func run() async throws {
        var configuration = try await options.fleet.configuration()
        // A person waits: not a quarter of a minute for a server that may come back.
        configuration.database.acquireTimeout = .seconds(5)
        let logger = Logger(label: "ytempire") { _ in LineLogHandler(level: max(configuration.logLevel, .error)) }
        try await FleetServices.with(configuration, logger: logger) { services in
            do {
                try await run(with: services)
            } catch let error as PostgresError where error.isConnectionTrouble {
                complain("Postgres does not answer: \(error)", then: "ytempire doctor tells what is wrong.")
                throw ExitCode(75)
            } catch let error as PostgresError where error.sqlState == "42P01" || error.sqlState == "42883" {
                complain("The database has no tables of ytempire yet, or older ones.", then: "Run `ytempire migrate`.")
                throw ExitCode.failure
            } catch let error as QueueError {
                complain("\(error)", then: "ytempire doctor tells what is wrong.")
                throw ExitCode(75)
            } catch let error as ConfigurationError {
                // A key that this command needs, and others don't.
                writeToStandardError("\(error)\n")
                throw ExitCode(ConfigurationError.exitCode)
            } catch let error as LedgerError {
                complain(error.message)
                throw ExitCode.failure
            } catch let error as PostgresError {
                complain("\(error)")
                throw ExitCode.failure
            } catch let error as RedisError {
                complain("\(error)", then: "ytempire doctor tells what is wrong.")
                throw ExitCode(75)
            }
        }
    }

    func complain(_ message: String, then hint: String? = nil) {
        writeToStandardError("ytempire: \(message)\(hint.map { "\n\($0)" } ?? "")\n")
    }

    /// Prints a value as JSON, or as the text made of it.
    func show<Value: Encodable>(_ value: Value, as text: (Value) -> String) throws {
        guard options.json else {
            print(text(value), terminator: "")
            return
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        // Foundation spreads an empty list over three lines; a line break within a string would be escaped.
        print(String(decoding: try encoder.encode(value), as: UTF8.self).replacing(/\[\n\n *\]/, with: "[]"))
    }
}
