package import Foundation
import Synchronization

/// A redis-server of the tests' own, on a unix socket in a private folder. It keeps nothing on disk unless asked, and dies with the tests.
package final class PrivateRedis: Sendable {
    /// What a test may ask of its server beyond the socket.
    package struct Options: Sendable {
        /// Also listen on a free TCP port of 127.0.0.1.
        package var tcp = false
        /// Also listen on a free TCP port with TLS, by a certificate made for `localhost` at start.
        package var tls = false
        /// Keep every write in an append-only file, synchronised each time, so that ``PrivateRedis/restart()`` finds it again.
        package var appendOnly = false
        /// ACL rules, e.g. `["user worker on >secret ~* +@all"]`.
        package var users: [String] = []
        /// Any further settings, name and value.
        package var settings: [(name: String, value: String)] = []

        package init() {}
    }

    private let options: Options
    private let folder: ServerFolder
    private let process: Mutex<ServerProcess>
    private let arguments: [String]

    /// The port of plain TCP; nil unless asked for.
    package let port: Int?
    /// The port of TLS; nil unless asked for.
    package let tlsPort: Int?

    package var socketPath: String { folder.file("redis.sock") }
    /// The authority that signed the TLS certificate.
    package var caFile: String { folder.file("ca.pem") }
    package var pid: pid_t { process.withLock { $0.pid } }

    private static let sharedStart = Task { try await start() }

    /// One server for all suites of this test process. Each test takes keys or a database of its own, and never flushes it.
    package static func shared() async throws -> PrivateRedis {
        try await sharedStart.value
    }

    /// A server for one test that kills, stops or fills it. Throws, with the command that installs it, if Redis is missing.
    package static func start(_ options: Options = Options()) async throws -> PrivateRedis {
        let server = try PrivateRedis(options)
        try await server.untilReady()
        return server
    }

    private init(_ options: Options) throws {
        let program = try ServerProcess.find("redis-server", package: "redis-server")
        let folder = try ServerFolder()
        self.options = options
        self.folder = folder
        port = options.tcp ? try Self.freePort() : nil
        tlsPort = options.tls ? try Self.freePort() : nil
        var words = ["--dir", folder.path, "--unixsocket", folder.file("redis.sock"), "--save", ""]
        words += ["--port", "\(port ?? 0)", "--bind", "127.0.0.1", "--databases", "64"]
        words += options.appendOnly ? ["--appendonly", "yes", "--appendfsync", "always"] : ["--appendonly", "no"]
        if let tlsPort {
            try Self.makeCertificate(in: folder)
            words += [
                "--tls-port", "\(tlsPort)", "--tls-auth-clients", "no", "--tls-ca-cert-file", folder.file("ca.pem"),
            ]
            words += ["--tls-cert-file", folder.file("server.pem"), "--tls-key-file", folder.file("server.key")]
        }
        if !options.users.isEmpty {
            let file = folder.file("users.acl")
            try options.users.map { $0 + "\n" }.joined().write(toFile: file, atomically: true, encoding: .utf8)
            words += ["--aclfile", file]
        }
        // DEBUG is how tests make Redis slow or full.
        words += ["--enable-debug-command", "yes"]
        for setting in options.settings { words += ["--\(setting.name)", setting.value] }
        arguments = [program] + words
        process = Mutex(try ServerProcess(program, words, in: folder))
    }

    /// kill -9. Returns once the server is dead: its connections are closed.
    package func kill() async {
        let running = process.withLock { $0 }
        await running.kill()
    }

    /// Sends any signal, e.g. SIGSTOP and SIGCONT.
    package func signal(_ signal: Int32) {
        process.withLock { $0.signal(signal) }
    }

    /// Kills the server if it runs, starts it again at the same addresses with what its append-only file kept, and waits until it answers.
    package func restart() async throws {
        try await restartWithoutWaiting()
        try await untilReady()
    }

    /// As ``restart()``, but returns while the server is still coming up.
    package func restartWithoutWaiting() async throws {
        await kill()
        try process.withLock { running in
            running = try ServerProcess(arguments[0], Array(arguments.dropFirst()), in: folder, after: running)
        }
    }

    /// The server's own output.
    package var log: String { process.withLock { $0.log } }

    /// Connects and pings until the answer is PONG, or that it wants a password, which also means it is up.
    private func untilReady() async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            if let answer = Self.ping(socketPath), answer.hasPrefix("+PONG") || answer.hasPrefix("-NOAUTH") { return }
            // A new server can't tell us that it is ready; this is the interval of a retry, not a guess at how long it takes.
            try await Task.sleep(for: .milliseconds(5))
        }
        throw ServerError("redis-server did not answer within 20 s; it printed: \(log)")
    }

    /// One PING by plain sockets, so that a broken client library can't hide a working server. Nil: nobody answers there.
    private static func ping(_ path: String) -> String? {
        let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return nil }
        defer { close(socket) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < room else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0 else { return nil }
        var patience = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        guard send(socket, "PING\r\n", 6, Int32(MSG_NOSIGNAL)) == 6 else { return nil }
        var answer = [UInt8](repeating: 0, count: 128)
        let count = recv(socket, &answer, answer.count, 0)
        return count > 0 ? String(decoding: answer.prefix(count), as: UTF8.self) : nil
    }

    /// A port that was free a moment ago.
    static func freePort() throws -> Int {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(socket, generic, length) == 0 ? getsockname(socket, generic, &length) : -1
            }
        }
        guard status == 0 else { throw ServerError("no free TCP port: \(String(cString: strerror(errno)))") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// An authority and a certificate it signed for `localhost`, valid for a day.
    private static func makeCertificate(in folder: ServerFolder) throws {
        let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        try folder.run(
            "openssl",
            ["req", "-x509", "-days", "1", "-subj", "/CN=Test authority", "-keyout", "ca.key", "-out", "ca.pem"] + curve
        )
        try folder.run(
            "openssl", ["req", "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr"] + curve)
        try "subjectAltName=DNS:localhost\n".write(toFile: folder.file("names"), atomically: true, encoding: .utf8)
        try folder.run(
            "openssl",
            ["x509", "-req", "-days", "1", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"]
                + ["-extfile", "names", "-out", "server.pem"])
    }
}
