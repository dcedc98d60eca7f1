package import Foundation
import Synchronization

/// A Postgres of the tests' own, on a unix socket in a private folder, which dies with the tests. It syncs to disk as a real one does, so
/// that what a test finds after `kill()` is what a crash leaves.
package final class PrivatePostgres: Sendable {
    private let folder: ServerFolder
    private let binaries: String
    private let settings: [String]
    private let process: Mutex<ServerProcess>
    private let databases = Atomic<Int>(0)

    /// The folder of the socket, which is what libpq takes for `host`.
    package var socketFolder: String { folder.path }
    /// Where its data lies: a disk of its own, if it was started with one.
    package var disk: URL { URL(filePath: folder.file(ServerFolder.disk)) }
    package var pid: pid_t { process.withLock { $0.pid } }
    /// The server's own output.
    package var log: String { process.withLock { $0.log } }

    private static let sharedStart = Task { try await start() }

    /// One server for all suites of this test process, started by whoever asks first. Each test takes a database of its own.
    package static var shared: PrivatePostgres {
        get async throws { try await sharedStart.value }
    }

    /// A server for one test that kills or stops it. Throws, with the command that installs it, if Postgres is missing.
    ///
    /// - Parameter megabytes: the size of a disk of its own, a tmpfs, which only root can have; at least 120.
    /// - Parameter settings: `name=value`, stronger than the usual ones, which are for many small databases.
    package static func start(
        diskOf megabytes: Int? = nil, settings: [String] = []
    ) async throws -> PrivatePostgres {
        let server = try await blocking { try PrivatePostgres(diskOf: megabytes, settings: settings) }
        try await server.untilReady()
        return server
    }

    private init(diskOf megabytes: Int?, settings: [String]) throws {
        self.settings = settings
        let initdb = try ServerProcess.find("initdb", in: Self.installations(), package: "postgresql")
        binaries = URL(filePath: initdb).resolvingSymlinksInPath().deletingLastPathComponent().path
        // Postgres refuses to run as root.
        folder = try ServerFolder(user: "postgres")
        if let megabytes { try folder.mountDisk(of: megabytes) }
        try folder.run(
            "\(binaries)/initdb",
            [
                "-D", ServerFolder.disk + "/data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
                "--no-sync",
            ])
        process = Mutex(try ServerProcess("\(binaries)/postgres", Self.arguments(folder, settings), in: folder))
    }

    /// Every installed version's folder, the newest first; `pg_config` alone is not enough, it comes with the headers.
    private static func installations() -> [String] {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return versions.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }.map { "\(root)/\($0)/bin" }
    }

    private static func arguments(_ folder: ServerFolder, _ special: [String]) -> [String] {
        let usual = [
            "listen_addresses=", "unix_socket_directories=\(folder.path)", "max_connections=400", "shared_buffers=16MB",
            "fsync=on", "max_prepared_transactions=0",
            // In the folder, and gone with it; the default would leave a file in /dev/shm after a kill.
            "dynamic_shared_memory_type=mmap",
        ]
        return ["-D", folder.file(ServerFolder.disk + "/data")] + (usual + special).flatMap { ["-c", $0] }
    }

    /// A libpq URL of a database on this server, by a role that may do everything.
    package func url(database: String) -> String {
        "postgresql:///\(database)?host=\(folder.path)&user=postgres"
    }

    /// Makes an empty database for one test and returns its URL.
    package func freshDatabase() async throws -> String {
        let name = "test_\(databases.add(1, ordering: .relaxed).newValue)"
        // template0, to which nobody connects: copying another fails while somebody is connected to it.
        try await Self.blocking { [folder, binaries] in
            try folder.run("\(binaries)/createdb", ["-h", folder.path, "-U", "postgres", "-T", "template0", name])
        }
        return url(database: name)
    }

    /// kill -9 of the whole server, as a power cut would. Returns once it is dead: its connections are closed.
    package func kill() async {
        let running = process.withLock { $0 }
        await running.kill()
    }

    /// An immediate shutdown: connections are dropped with a word of farewell, and the next start recovers from the log.
    package func stopImmediately() async {
        let running = process.withLock { $0 }
        running.signal(SIGQUIT)
        await running.exited()
    }

    /// A fast shutdown, as a service restart does: transactions are rolled back, connections told why.
    package func stop() async {
        let running = process.withLock { $0 }
        running.signal(SIGINT)
        await running.exited()
    }

    /// Sends any signal to the server's first process, e.g. SIGSTOP: new connections then wait.
    package func signal(_ signal: Int32) {
        process.withLock { $0.signal(signal) }
    }

    /// Kills the server if it runs, starts it again at the same address with its data, and waits until it answers.
    package func restart() async throws {
        try await restartWithoutWaiting()
        try await untilReady()
    }

    /// As ``restart()``, but returns while the server is still coming up.
    package func restartWithoutWaiting() async throws {
        await kill()
        try process.withLock { running in
            running = try ServerProcess(
                "\(binaries)/postgres", Self.arguments(folder, settings), in: folder, after: running)
        }
    }

    private func untilReady() async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            let isReady = await Self.blocking { [folder, binaries] in
                (try? folder.run("\(binaries)/pg_isready", ["-q", "-h", folder.path])) != nil
            }
            if isReady { return }
            // A new server can't tell us that it is ready; this is the interval of a retry, not a guess at how long it takes.
            try await Task.sleep(for: .milliseconds(20))
        }
        throw ServerError("postgres did not answer within 30 s; it printed: \(log)")
    }

    /// Runs what waits for other programs on a thread that may block.
    @discardableResult private static func blocking<Value: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: Result { () throws(Failure) in try body() })
            }
        }
        return try result.get()
    }
}
