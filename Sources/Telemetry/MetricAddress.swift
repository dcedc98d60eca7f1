/// Where metrics can be read by HTTP.
package enum MetricAddress: Sendable, Equatable, CustomStringConvertible {
    case loopback(host: String, port: Int)
    case unix(path: String)

    /// Reads `127.0.0.1:9464`, `[::1]:9464` or `unix:/run/ytempire/metrics.sock`. Nothing but this machine may be named:
    /// metrics are for whoever runs it, and have no password.
    package init?(_ text: String) {
        if text.hasPrefix("unix:/"), text.utf8.count - 5 <= 107 {
            self = .unix(path: String(text.dropFirst(5)))
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        switch text[..<colon] {
        case "127.0.0.1", "localhost": self = .loopback(host: "127.0.0.1", port: Int(port))
        case "[::1]": self = .loopback(host: "::1", port: Int(port))
        default: return nil
        }
    }

    package var description: String {
        switch self {
        case .loopback(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}
