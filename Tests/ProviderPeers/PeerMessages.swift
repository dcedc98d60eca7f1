import Foundation
package import NIOCore
package import NIOHTTP1

/// A whole request, as a peer's handler sees it.
package struct PeerRequest: Sendable {
    package let head: HTTPRequestHead
    package let body: [UInt8]

    package init(head: HTTPRequestHead, body: [UInt8]) { (self.head, self.body) = (head, body) }

    package var method: HTTPMethod { head.method }
    package var headers: HTTPHeaders { head.headers }
    /// Without the query, as it was sent.
    package var path: String { String(head.uri.prefix { $0 != "?" }) }
    /// As it was sent; empty if there was none.
    package var query: String { String(head.uri.drop { $0 != "?" }.dropFirst()) }

    /// The query's values, decoded; one without `=` is empty.
    package var parameters: [String: String] {
        var values: [String: String] = [:]
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let decoded = parts.map { $0.replacing("+", with: " ").removingPercentEncoding ?? String($0) }
            values[decoded[0]] = decoded.count > 1 ? decoded[1] : ""
        }
        return values
    }
}

/// What a peer was asked.
package struct PeerRecord: Sendable {
    package let head: HTTPRequestHead
    /// As much of it as came; empty where a sink took it.
    package var body: [UInt8] = []
    /// How much came.
    package var count = 0

    package init(_ head: HTTPRequestHead) { self.head = head }

    package var method: HTTPMethod { head.method }
    package var path: String { String(head.uri.prefix { $0 != "?" }) }
}

package struct PeerReply: Sendable {
    package var status: Int
    package var headers: HTTPHeaders
    package var body: [UInt8]

    package init(_ status: Int = 200, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        (self.status, self.headers, self.body) = (status, headers, body)
    }

    package static func json(_ text: String, status: Int = 200, headers: HTTPHeaders = [:]) -> PeerReply {
        var headers = headers
        headers.replaceOrAdd(name: "Content-Type", value: "application/json")
        return PeerReply(status, headers: headers, body: Array(text.utf8))
    }
}

extension PeerReply {
    /// What a careless server says of a request that it refuses.
    static func echo(_ request: PeerRequest, _ status: Int, asText: Bool) -> PeerReply {
        let keys = ["authorization", "xi-api-key", "ytempire-token"]
        let said = request.headers.filter { keys.contains($0.name.lowercased()) }.map { "\($0.name): \($0.value)" }
        // Enough of a form to have its tokens in it.
        let body = String(decoding: request.body.prefix(400), as: UTF8.self)
        let isForm = request.headers.first(name: "Content-Type")?.contains("form") == true
        let words = (said + [request.head.uri] + (isForm ? [body] : [])).joined(separator: " ")
        if asText { return PeerReply(status, body: Array("bad \(words)".utf8)) }
        let object: [String: Any] = [
            "error": [
                "message": words, "code": status, "type": "echo", "errors": [["reason": "echo", "message": words]],
            ],
            "detail": ["status": "echo", "message": words], "error_description": words, "message": words,
        ]
        let json = (try? JSONSerialization.data(withJSONObject: object)).map { String(decoding: $0, as: UTF8.self) }
        return .json(json ?? "{}", status: status)
    }
}

/// Takes a request's body piece by piece, so that nobody has to hold all of it.
package protocol PeerSink: Sendable {
    /// - Returns: an answer where the rest is not wanted; the connection is closed after it.
    func take(_ piece: ByteBuffer) async throws -> PeerReply?
    /// The whole body has come.
    func finish() async throws -> PeerReply
    /// The connection broke before the body's end.
    func broke() async
}

/// How a request fails.
package enum PeerFault: Sendable {
    /// This answer, and no work done.
    case reply(PeerReply)
    /// The connection is reset once so many bytes of the body have come.
    case resetWhileReading(after: Int)
    /// This answer once so many bytes of the body have come, and no more is read: the connection is closed after it.
    case replyWhileReading(after: Int, PeerReply)
    /// Only so many bytes of the body are taken; the rest is read, and no answer ever comes.
    case hang(after: Int)
    /// The request is read, nothing is done, the connection is reset.
    case resetBeforeWork
    /// The work is done and counted, the answer is lost with the connection.
    case loseAnswer
    /// The work is done, and the answer breaks off after so many bytes of its body.
    case cutAnswer(after: Int)
    /// This status, no work done, and whatever lets in quoted back: as JSON in the shapes of all providers, or as a proxy's text.
    case echo(Int, asText: Bool = false)
    /// The answer comes in pieces of so many bytes, with pauses after each.
    case slow(piece: Int, pause: Duration)
}

extension PeerFault {
    /// How many bytes of the body are read; nil for all.
    var breaksAfter: Int? {
        switch self {
        case .resetWhileReading(let count), .replyWhileReading(let count, _), .hang(let count): max(count, 1)
        default: nil
        }
    }

    /// The answer that takes no work; nil where there is none, or only after some of it.
    func answer(to request: PeerRequest) -> PeerReply? {
        switch self {
        case .reply(let reply), .replyWhileReading(_, let reply): reply
        case .echo(let status, let asText): PeerReply.echo(request, status, asText: asText)
        default: nil
        }
    }

    /// Whether it answers without any work done.
    var isAnswerAlone: Bool {
        switch self {
        case .reply, .echo: true
        default: false
        }
    }
}
