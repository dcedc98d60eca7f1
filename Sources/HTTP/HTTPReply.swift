package import FoundationEssentials
package import NIOHTTP1

/// What a server answered, whatever its status.
package struct HTTPReply: Sendable {
    package let status: Int
    package let headers: HTTPHeaders
    /// Empty where the body went into a file.
    package let body: [UInt8]
    /// Where redirects ended.
    package let url: String

    package init(status: Int, headers: HTTPHeaders, body: [UInt8], url: String) {
        (self.status, self.headers, self.body, self.url) = (status, headers, body, url)
    }

    package var isSuccess: Bool { (200..<300).contains(status) }

    /// The server's wish when it should be asked again: `retry-after-ms`, else `retry-after` in seconds or as an HTTP date
    /// (RFC 9110, 10.2.3). Never negative; at most a day.
    package func retryAfter(now: Date) -> Duration? {
        if let text = headers.first(name: "retry-after-ms"), let milliseconds = Double(text.trimmed) {
            return Self.bounded(milliseconds / 1_000)
        }
        guard let text = headers.first(name: "retry-after")?.trimmed else { return nil }
        if let seconds = Double(text) { return Self.bounded(seconds) }
        return HTTPDate.parse(text).map { $0.timeIntervalSince(now) }.flatMap(Self.bounded)
    }

    private static func bounded(_ seconds: Double) -> Duration? {
        seconds.isFinite ? .milliseconds(Int64(min(max(seconds, 0), 86_400) * 1_000)) : nil
    }

    /// The body's beginning as text on one line, for error messages; through a `Redactor` before anybody sees it.
    package func excerpt(_ limit: Int = 400) -> String {
        let text = String(decoding: body.prefix(limit * 4), as: UTF8.self)
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.count > limit ? "\(line.prefix(limit))…" : line
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
