import Foundation
import Production
import Synchronization
import TestServers

/// A worker process under one name, which can be killed and started again. It dies with the test process.
final class WorkerRun: Sendable {
    let name: String
    private let program: String
    private let arguments: [String]
    private let folder: ServerFolder
    private let process: Mutex<ServerProcess>

    /// - Parameter environment: variables beside the test's own.
    init(
        _ stage: Production.Stage, name: String, configuration: String, environment: [String: String] = [:]
    ) throws {
        self.name = name
        // `env` becomes the worker: the process id is the same.
        program = "/usr/bin/env"
        arguments =
            environment.map { "\($0.key)=\($0.value)" } + [
                try Programs.path("ytempire-\(stage.rawValue)"), "--config", configuration, "--name", name,
            ]
        folder = try ServerFolder()
        process = Mutex(try ServerProcess(program, arguments, in: folder))
    }

    /// kill -9. Returns once it is dead.
    func kill() async { await process.withLock { $0 }.kill() }

    /// SIGTERM. Returns once it has ended.
    func drain() async {
        let running = process.withLock { $0 }
        running.signal(SIGTERM)
        await running.exited()
    }

    func signal(_ signal: Int32) { process.withLock { $0 }.signal(signal) }

    /// Returns once it has ended by itself.
    func ended() async { await process.withLock { $0 }.exited() }

    var pid: pid_t { process.withLock { $0.pid } }

    /// Starts it again, as systemd would.
    func restart() throws {
        try process.withLock { $0 = try ServerProcess(program, arguments, in: folder, after: $0) }
    }

    var log: String { process.withLock { $0.log } }
}
