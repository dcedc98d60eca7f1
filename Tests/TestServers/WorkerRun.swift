package import Foundation
import Synchronization

/// A worker process under one name, which can be killed and started again. It dies with the test process.
package final class WorkerRun: Sendable {
    package let name: String
    private let program: String
    private let arguments: [String]
    private let environment: [String: String]
    private let folder: ServerFolder
    private let process: Mutex<ServerProcess>

    /// - Parameters:
    ///   - program: the executable's name.
    ///   - environment: variables beside the test's own.
    package init(
        _ program: String, name: String, configuration: String, environment: [String: String] = [:]
    ) throws {
        (self.name, self.environment) = (name, environment)
        self.program = try Programs.path(program)
        arguments = ["--config", configuration, "--name", name]
        folder = try ServerFolder()
        process = Mutex(try Self.start(self.program, arguments, environment, in: folder, after: nil))
    }

    /// `env` becomes the program, so that signals reach it.
    private static func start(
        _ program: String, _ arguments: [String], _ environment: [String: String], in folder: ServerFolder,
        after predecessor: ServerProcess?
    ) throws -> ServerProcess {
        let words = environment.map { "\($0.key)=\($0.value)" } + [program] + arguments
        return try ServerProcess("/usr/bin/env", words, in: folder, after: predecessor)
    }

    package var pid: pid_t { process.withLock { $0.pid } }

    /// kill -9. Returns once it is dead.
    package func kill() async { await process.withLock { $0 }.kill() }

    /// SIGTERM. Returns once it has ended.
    package func drain() async {
        let running = process.withLock { $0 }
        running.signal(SIGTERM)
        await running.exited()
    }

    package func signal(_ signal: Int32) { process.withLock { $0.signal(signal) } }

    /// Returns once the present process has ended, whoever ended it.
    package func ended() async { await process.withLock { $0 }.exited() }

    /// Starts it again, as systemd would.
    ///
    /// - Parameter environment: in the place of the first run's; nil: the same.
    package func restart(environment: [String: String]? = nil) throws {
        let variables = environment ?? self.environment
        try process.withLock { $0 = try Self.start(program, arguments, variables, in: folder, after: $0) }
    }

    /// All that its processes have printed.
    package var log: String { process.withLock { $0.log } }
}
