import Foundation
import Glibc
import Synchronization
import TestServers

/// Stands between a client and a Postgres, on a unix socket, and cuts every connection at the moment a test wants.
///
/// Cuts once the client has sent bytes that contain `trigger`: it passes them on, so that the server acts, and then
/// answers nothing more. Each connection is served by two threads of its own.
final class CuttingProxy: Sendable {
    enum Cut {
        /// The server gets the message, and the client nothing after it.
        case afterSending
        /// Neither gets anything from then on, but both connections stay up: a network that swallows packets.
        case silently
    }

    private let folder: ServerFolder
    private let target: String
    private let trigger: [UInt8]
    private let cut: Cut
    private let listener: Int32
    private let armed = Atomic<Bool>(false)
    private let connections = Mutex<[Int32]>([])

    init(to server: PrivatePostgres, trigger: String, cut: Cut) throws {
        folder = try ServerFolder()
        target = server.socketFolder + "/.s.PGSQL.5432"
        self.trigger = Array(trigger.utf8)
        self.cut = cut
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        self.listener = listener
        let status = Self.withAddress(folder.file(".s.PGSQL.5432")) { bind(listener, $0, $1) }
        guard status == 0, listen(listener, 64) == 0 else { throw ServerError("the proxy can't listen") }
        Thread.detachNewThread { [weak self] in
            while case let client = accept(listener, nil, nil), client >= 0 { self?.serve(client) }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
        for connection in connections.withLock({ $0 }) { shutdown(connection, Int32(SHUT_RDWR)) }
        try? FileManager.default.removeItem(atPath: folder.path)
    }

    /// From now on the next connection that sends the trigger is cut, and only that one.
    func arm() {
        armed.store(true, ordering: .releasing)
    }

    func url(database url: String) -> String {
        let name = url.prefix { $0 != "?" }.split(separator: "/").last ?? ""
        return "postgresql:///\(name)?host=\(folder.path)&user=postgres"
    }

    private func serve(_ client: Int32) {
        let server = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard Self.withAddress(target, { connect(server, $0, $1) }) == 0 else {
            close(client)
            close(server)
            return
        }
        connections.withLock { $0 += [client, server] }
        let cuts = Counter()
        Thread.detachNewThread { [self] in
            pump(from: client, to: server) { bytes in
                guard bytes.firstRange(of: trigger) != nil,
                    armed.compareExchange(expected: true, desired: false, ordering: .acquiringAndReleasing).exchanged
                else { return true }
                cuts.increase()
                return cut == .afterSending
            }
            shutdown(server, Int32(SHUT_WR))
        }
        Thread.detachNewThread { [self] in
            pump(from: server, to: client) { _ in
                // What comes after the trigger is the answer: the server has acted, and nobody will know.
                guard cuts.value > 0 else { return true }
                if cut == .afterSending { shutdown(client, Int32(SHUT_RDWR)) }
                return false
            }
            shutdown(client, Int32(SHUT_RDWR))
        }
    }

    /// Copies until the end; what `passes` refuses is swallowed.
    private func pump(from source: Int32, to sink: Int32, passes: (ArraySlice<UInt8>) -> Bool) {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while case let count = read(source, &buffer, buffer.count), count > 0 {
            if passes(buffer[..<count]) { send(sink, buffer, count, Int32(MSG_NOSIGNAL)) }
        }
    }

    private static func withAddress(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
