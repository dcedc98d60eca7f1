import Fleet
import Foundation
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite struct `What systemd is told` {
    /// A datagram socket as systemd has one; a leading @ stands for the abstract namespace.
    private final class Listener {
        private let descriptor: Int32

        init(_ path: String) throws {
            descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            var name = Array(path.utf8)
            let isAbstract = name.first == UInt8(ascii: "@")
            if isAbstract { name[0] = 0 }
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
            let offset = try #require(MemoryLayout<sockaddr_un>.offset(of: \.sun_path))
            let length = socklen_t(isAbstract ? offset + name.count : MemoryLayout<sockaddr_un>.size)
            let status = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
            }
            try #require(status == 0, "\(String(cString: strerror(errno)))")
        }

        deinit { close(descriptor) }

        /// What has arrived; nil if nothing has.
        func next() -> String? {
            var bytes = [UInt8](repeating: 0, count: 1_000)
            let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
            return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
        }
    }

    @Test(arguments: ["/tmp/notify-\(UUID().uuidString)", "@notify-\(UUID().uuidString)"])
    func `arrives at its socket, in a folder or abstract`(_ path: String) throws {
        let listener = try Listener(path)
        defer { unlink(path) }
        let notifier = SystemdNotifier(environment: ["NOTIFY_SOCKET": path])
        notifier.send(.ready, .status("working\nat render"))
        #expect(listener.next() == "READY=1\nSTATUS=working at render")
        notifier.send(.stopping, .extendTimeout(.seconds(75)))
        #expect(listener.next() == "STOPPING=1\nEXTEND_TIMEOUT_USEC=75000000")
        notifier.send(.watchdog)
        #expect(listener.next() == "WATCHDOG=1")
        #expect(listener.next() == nil)
    }

    @Test(arguments: [
        [:], ["NOTIFY_SOCKET": ""], ["NOTIFY_SOCKET": "/no/such/socket"],
        ["NOTIFY_SOCKET": "/" + String(repeating: "a", count: 200)],
    ])
    func `is lost without harm where nobody listens`(_ environment: [String: String]) {
        SystemdNotifier(environment: environment).send(.ready)
    }
}
