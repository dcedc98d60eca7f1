import HTTP
import NIOCore
import NIOHTTP1
import NIOPosix
import Production

/// Waits on a loopback port for the browser that Google sends back with the answer to a consent (RFC 8252, 7.3). Takes one
/// answer; whatever does not carry the right state is turned away.
struct RedirectListener: Sendable {
    typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPPart<HTTPResponseHead, IOData>>

    enum Answer: Sendable {
        case code(Secret)
        /// The person said no, or Google could not ask: its word for it.
        case refused(String)
    }

    private let channel: NIOAsyncChannel<any NIOCore.Channel, Never>

    /// On a free port of 127.0.0.1.
    static func bind() async throws -> RedirectListener {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            // Nothing is read before somebody has taken the connection up.
            .childChannelOption(.autoRead, value: false)
            .bind(host: "127.0.0.1", port: 0) { child in
                child.eventLoop.makeCompletedFuture {
                    try child.pipeline.syncOperations.configureHTTPServerPipeline()
                    return child as any NIOCore.Channel
                }
            }
        return RedirectListener(channel: channel)
    }

    var redirect: String { "http://127.0.0.1:\(channel.channel.localAddress?.port ?? 0)/" }

    /// Serves until the answer has come, while `ask` sends the person on their way.
    ///
    /// - Throws: what `ask` throws; `CancellationError`.
    func answer(to request: ConsentRequest, ask: @escaping @Sendable () async throws -> Void) async throws -> Answer {
        let (answers, give) = AsyncStream.makeStream(of: Answer.self)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await channel.serveAll { await Self.serve($0, request) { give.yield($0) } } }
            group.addTask { try await ask() }
            defer { group.cancelAll() }
            // What fails in either ends the waiting.
            group.addTask {
                var iterator = answers.makeAsyncIterator()
                guard let answer = await iterator.next() else { throw CancellationError() }
                throw Answered(answer: answer)
            }
            do {
                while try await group.next() != nil {}
            } catch let answered as Answered {
                return answered.answer
            }
            throw CancellationError()
        }
    }

    private struct Answered: Error { let answer: Answer }

    private static func serve(
        _ child: any NIOCore.Channel, _ request: ConsentRequest, give: @escaping @Sendable (Answer) -> Void
    ) async {
        do {
            // Only here: NIO ends the process if a connection that it has wrapped is never taken up, as happens to one that a
            // browser opens just when the answer has come.
            let connection = try await child.eventLoop.submit {
                try Connection(wrappingChannelSynchronously: child)
            }.get()
            try await connection.executeThenClose { inbound, outbound in
                try await child.setOption(.autoRead, value: true).get()
                for try await part in inbound {
                    guard case .head(let head) = part else { continue }
                    let (status, text, answer) = reply(to: head, request)
                    // Also where the page can't be written to its end: a browser that has it all may be gone by then.
                    defer { if let answer { give(answer) } }
                    let body = ByteBuffer(string: text)
                    let headers: HTTPHeaders = [
                        "Content-Type": "text/plain; charset=utf-8", "Content-Length": "\(body.readableBytes)",
                        "Connection": "close", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
                    ]
                    try await outbound.write(
                        .head(HTTPResponseHead(version: .http1_1, status: status, headers: headers)))
                    try await outbound.write(.body(.byteBuffer(body)))
                    try await outbound.write(.end(nil))
                    return
                }
            }
        } catch {
            // A browser that went away again has said nothing.
        }
    }

    private static func reply(
        to head: HTTPRequestHead, _ request: ConsentRequest
    ) -> (HTTPResponseStatus, String, Answer?) {
        let path = head.uri.prefix { $0 != "?" }
        // Browsers ask for an icon by themselves.
        guard head.method == .GET, path == "/" else { return (.notFound, "Nothing is here.\n", nil) }
        let values = WebForm.decode(String(head.uri.drop { $0 != "?" }.dropFirst()))
        guard values["state"] == request.state else {
            return (.badRequest, "This answer belongs to another question. Start again from the terminal.\n", nil)
        }
        if let error = values["error"] {
            return (.ok, "Not connected: \(error). You can close this page.\n", .refused(error))
        }
        guard let code = values["code"], !code.isEmpty else {
            return (.badRequest, "There is no code in this answer. Start again from the terminal.\n", nil)
        }
        return (.ok, "Thank you. You can close this page and go back to the terminal.\n", .code(Secret(code)))
    }
}
