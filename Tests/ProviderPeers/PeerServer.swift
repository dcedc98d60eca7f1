import Glibc
import HTTP
import NIOCore
package import NIOHTTP1
import NIOPosix
import Synchronization

/// A server on a loopback port that stands for a provider: it answers as its handler says, counts what it was asked, and fails
/// on demand.
package final class PeerServer: Sendable {
    package typealias Handler = @Sendable (PeerRequest) async throws -> PeerReply
    /// Whoever takes the body of a request of which only the head is known; nil: the handler takes it whole.
    package typealias Streaming = @Sendable (HTTPRequestHead) -> (any PeerSink)?

    package let port: Int
    private let channel: NIOAsyncChannel<any Channel, Never>
    private let handler: Handler
    private let streaming: Streaming
    private let script = Mutex(Script())

    private struct Script {
        var faults: [(fault: PeerFault, times: Int, matches: @Sendable (HTTPRequestHead) -> Bool)] = []
        var requests: [PeerRecord] = []
    }

    /// `http://127.0.0.1:PORT`
    package var address: String { "http://127.0.0.1:\(port)" }

    /// Every request so far, those that a fault befell among them, in the order in which their heads came.
    package var requests: [PeerRecord] { script.withLock { $0.requests } }

    package func count(_ method: HTTPMethod, _ path: String) -> Int {
        requests.count { $0.method == method && $0.path == path }
    }

    private init(
        channel: NIOAsyncChannel<any Channel, Never>, streaming: @escaping Streaming, handler: @escaping Handler
    ) {
        (self.channel, self.streaming, self.handler) = (channel, streaming, handler)
        port = channel.channel.localAddress?.port ?? 0
    }

    /// Serves for as long as `body` runs.
    ///
    /// - Parameter port: 0 for a free one.
    package static func with<Answer: Sendable>(
        port: Int = 0, _ handler: @escaping Handler,
        _ body: @escaping @Sendable (PeerServer) async throws -> Answer
    ) async throws -> Answer {
        try await with(port: port, streaming: { _ in nil }, handling: handler, body)
    }

    /// The same, with bodies that some requests give to a sink.
    package static func with<Answer: Sendable>(
        port: Int = 0, streaming: @escaping Streaming, handling handler: @escaping Handler,
        _ body: @escaping @Sendable (PeerServer) async throws -> Answer
    ) async throws -> Answer {
        let server = try await bind(port: port, streaming: streaming, handler)
        return try await running([server]) { try await body(server) }
    }

    /// Has servers that listen answer for as long as `body` runs.
    package static func running<Answer: Sendable>(
        _ servers: [PeerServer], _ body: @escaping @Sendable () async throws -> Answer
    ) async throws -> Answer {
        try await withThrowingTaskGroup(of: Answer?.self) { group in
            for server in servers {
                group.addTask {
                    try await server.run()
                    return nil
                }
            }
            group.addTask { try await body() }
            defer { group.cancelAll() }
            while let answer = try await group.next() {
                if let answer { return answer }
            }
            throw CancellationError()
        }
    }

    /// A server that listens already; `run()` has it answer.
    package static func bind(
        port: Int = 0, streaming: @escaping Streaming = { _ in nil }, _ handler: @escaping Handler
    ) async throws -> PeerServer {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 256)
            // Nothing is read before somebody has taken the connection up.
            .childChannelOption(.autoRead, value: false)
            .bind(host: "127.0.0.1", port: port) { child in
                child.eventLoop.makeCompletedFuture {
                    try child.pipeline.syncOperations.configureHTTPServerPipeline()
                    return child as any Channel
                }
            }
        return PeerServer(channel: channel, streaming: streaming, handler: handler)
    }

    /// Listens no more, for a server that never ran.
    package func close() async throws { try await channel.channel.close() }

    /// Answers until the task is cancelled.
    package func run() async throws {
        try await channel.serveAll { await self.serve($0) }
    }

    /// Has the next requests that match fail, before those set to fail earlier are used up.
    package func fail(
        _ fault: PeerFault, times: Int = 1,
        where matches: @escaping @Sendable (HTTPRequestHead) -> Bool = { _ in true }
    ) {
        script.withLock { $0.faults.append((fault, times, matches)) }
    }

    package func failNoMore() { script.withLock { $0.faults = [] } }

    private func fault(for head: HTTPRequestHead) -> PeerFault? {
        script.withLock { script in
            guard let index = script.faults.firstIndex(where: { $0.times > 0 && $0.matches(head) }) else { return nil }
            script.faults[index].times -= 1
            return script.faults[index].fault
        }
    }

    /// One connection, request by request. Whatever breaks it is the other side's business, or was asked for.
    private func serve(_ child: any Channel) async {
        do {
            // Only here: NIO ends the process if a connection that it has wrapped is never taken up, as happens to one that comes
            // just when the server is stopped.
            let connection = try await child.eventLoop.submit {
                try NIOAsyncChannel<HTTPServerRequestPart, HTTPPart<HTTPResponseHead, IOData>>(
                    wrappingChannelSynchronously: child)
            }.get()
            try await connection.executeThenClose { inbound, outbound in
                try await child.setOption(.autoRead, value: true).get()
                var parts = inbound.makeAsyncIterator()
                while case .head(let head)? = try await parts.next() {
                    let fault = fault(for: head)
                    let index = script.withLock { script in
                        script.requests.append(PeerRecord(head))
                        return script.requests.count - 1
                    }
                    let sink = streaming(head)
                    let limit = fault?.breaksAfter
                    var body: [UInt8] = []
                    var (count, ended) = (0, false)
                    do {
                        while !ended, let part = try await parts.next() {
                            switch part {
                            case .body(var piece):
                                if let limit {
                                    piece = piece.readSlice(length: min(piece.readableBytes, limit - count)) ?? piece
                                }
                                count += piece.readableBytes
                                if sink == nil { body += piece.readableBytesView }
                                script.withLock { [body, count] in
                                    $0.requests[index].count = count
                                    if sink == nil && count == limit { $0.requests[index].body = body }
                                }
                                // What is only answered is not worked on.
                                if let sink, fault?.isAnswerAlone != true, let early = try await sink.take(piece) {
                                    try await write(early, to: outbound, head)
                                    return
                                }
                                if count == limit {
                                    if case .hang = fault {
                                        // Until the client is gone.
                                        while try await parts.next() != nil {}
                                        await sink?.broke()
                                        return
                                    }
                                    await sink?.broke()
                                    if case .replyWhileReading(_, let reply) = fault {
                                        return try await write(reply, to: outbound, head)
                                    }
                                    return try await reset(connection.channel)
                                }
                            case .end: ended = true
                            case .head: return
                            }
                        }
                    } catch {
                        await sink?.broke()
                        throw error
                    }
                    guard ended else {
                        await sink?.broke()
                        return
                    }
                    script.withLock { [body] in $0.requests[index].body = body }
                    let request = PeerRequest(head: head, body: body)
                    let work = { () async throws -> PeerReply in
                        if let sink { return try await sink.finish() }
                        return try await self.handler(request)
                    }
                    switch fault {
                    case .reply, .replyWhileReading, .echo:
                        let reply = fault?.answer(to: request) ?? PeerReply(500)
                        try await write(reply, to: outbound, head)
                    case .resetWhileReading, .resetBeforeWork, .hang:
                        await sink?.broke()
                        return try await reset(connection.channel)
                    case .loseAnswer:
                        _ = try await work()
                        return try await reset(connection.channel)
                    case .cutAnswer(let count):
                        try await write(try await work(), to: outbound, head, only: count)
                        return try await reset(connection.channel)
                    case .slow(let piece, let pause):
                        try await write(try await work(), to: outbound, head, piece: piece, pause: pause)
                    case nil:
                        try await write(try await work(), to: outbound, head)
                    }
                    guard head.isKeepAlive else { return }
                }
            }
        } catch {
            // The client went away, or this server is being stopped.
        }
    }

    private func write(
        _ reply: PeerReply, to outbound: NIOAsyncChannelOutboundWriter<HTTPPart<HTTPResponseHead, IOData>>,
        _ request: HTTPRequestHead, only limit: Int? = nil, piece: Int = .max, pause: Duration = .zero
    ) async throws {
        var headers = reply.headers
        if !headers.contains(name: "Content-Length") {
            headers.add(name: "Content-Length", value: "\(reply.body.count)")
        }
        try await outbound.write(
            .head(HTTPResponseHead(version: .http1_1, status: .init(statusCode: reply.status), headers: headers)))
        var rest = reply.body.prefix(limit ?? .max)
        if request.method != .HEAD {
            while !rest.isEmpty {
                let part = rest.prefix(piece)
                try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: part))))
                rest = rest.dropFirst(part.count)
                if pause > .zero { try await Task.sleep(for: pause) }
            }
        }
        if limit == nil { try await outbound.write(.end(nil)) }
    }

    /// Closes with RST, as a crashed peer does.
    private func reset(_ channel: any Channel) async throws {
        if let options = channel as? any SocketOptionProvider {
            try await options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        }
        try await channel.close()
    }
}
