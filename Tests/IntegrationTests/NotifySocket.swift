import Fleet
import Foundation
import TestServers

/// The socket at which systemd listens to a service, in a test's hands (sd_notify(3)).
final class NotifySocket: Sendable {
    let path: String
    private let descriptor: Int32
    private let messages: AsyncStream<[String: String]>

    init(in folder: URL) throws {
        let path = folder.appending(path: "notify-\(UUID().uuidString.prefix(8))").path
        self.path = path
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        self.descriptor = descriptor
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = Array(path.utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0 else { throw ServerError("cannot listen at \(path): \(String(cString: strerror(errno)))") }
        let (messages, continuation) = AsyncStream.makeStream(of: [String: String].self)
        self.messages = messages
        // A thread of its own, because it blocks; an empty datagram of ours ends it.
        Thread.detachNewThread {
            var bytes = [UInt8](repeating: 0, count: 4_096)
            while case let count = recv(descriptor, &bytes, bytes.count, 0), count > 0 {
                let lines = String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: "\n")
                let pairs = lines.map { line in
                    let sides = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                    return (String(sides[0]), sides.count > 1 ? String(sides[1]) : "")
                }
                continuation.yield(Dictionary(pairs, uniquingKeysWith: { _, new in new }))
            }
            continuation.finish()
            close(descriptor)
        }
    }

    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
        unlink(path)
    }

    var environment: [String: String] { ["NOTIFY_SOCKET": path] }

    /// Waits for a message that matches, and answers all that came until then, it being the last.
    @discardableResult
    func until(_ matches: ([String: String]) -> Bool) async throws -> [[String: String]] {
        var heard: [[String: String]] = []
        for await message in messages {
            heard.append(message)
            if matches(message) { return heard }
        }
        throw CancellationError()
    }

    @discardableResult
    func untilReady() async throws -> [[String: String]] { try await until { $0["READY"] == "1" } }

    /// Passes over what has come so far: whatever is waited for next is sent after this.
    func forget() async throws {
        let mark = UUID().uuidString
        SystemdNotifier(environment: environment).send(.status(mark))
        try await until { $0["STATUS"] == mark }
    }

    /// Waits until the watchdog has been fed so often.
    func fed(_ times: Int) async throws {
        for _ in 0..<times { try await until { $0["WATCHDOG"] == "1" } }
    }
}
