package import NIOHTTP1

/// One request to a server, and how long and how much it may take.
package struct HTTPCall: Sendable {
    package enum Body: Sendable {
        case none
        case bytes([UInt8])
        /// A part of a file, read while it is sent: memory does not grow with it.
        case file(path: String, range: Range<Int64>)

        package var count: Int64 {
            switch self {
            case .none: 0
            case .bytes(let bytes): Int64(bytes.count)
            case .file(_, let range): Int64(range.count)
            }
        }
    }

    package var method: HTTPMethod
    /// Sent as it is written: whoever makes it has encoded it.
    package var url: String
    package var headers: HTTPHeaders
    package var body: Body
    /// Until the answer's head has come, from the last byte of the request on.
    package var headTimeout: Duration
    /// The longest silence while bytes go either way.
    package var idleTimeout: Duration
    /// Of the whole call.
    package var timeout: Duration
    /// An answer's body may not be larger, bytes.
    package var answerLimit: Int
    /// 0: a redirect is an answer like any other. Only GET and HEAD are ever followed.
    package var redirects: Int
    /// Told from time to time how many bytes of the body have been handed to the connection.
    package var sent: (@Sendable (Int64) -> Void)?

    package init(
        _ method: HTTPMethod, _ url: String, headers: HTTPHeaders = [:], body: Body = .none,
        headTimeout: Duration = .seconds(60), idleTimeout: Duration = .seconds(60), timeout: Duration = .seconds(120),
        answerLimit: Int = 16 << 20, redirects: Int = 0, sent: (@Sendable (Int64) -> Void)? = nil
    ) {
        (self.method, self.url, self.headers, self.body) = (method, url, headers, body)
        (self.headTimeout, self.idleTimeout, self.timeout) = (headTimeout, idleTimeout, timeout)
        (self.answerLimit, self.redirects, self.sent) = (answerLimit, redirects, sent)
    }

    /// `POST https://api.example.com/v1/chat`: without the query and user part, in which keys may stand.
    package var shown: String {
        let address = url.prefix { $0 != "?" && $0 != "#" }
        let parts = address.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count > 2, let at = parts[2].lastIndex(of: "@") else { return "\(method.rawValue) \(address)" }
        let host = parts[2][parts[2].index(after: at)...]
        let shown = [parts[0], parts[1], host] + parts.dropFirst(3)
        return "\(method.rawValue) \(shown.joined(separator: "/"))"
    }
}
