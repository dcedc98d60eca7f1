import NIOCore
import NIOHTTP1
import NIOPosix

/// A real HTTP server on a port of its own.
struct LoopbackServer: Sendable {
    enum Answer: Sendable {
        case reply(UInt, [String: String], [UInt8])
        /// Sends for as long as anyone reads.
        case endless([String: String])
        /// Never answers.
        case silence
    }

    let port: Int

    /// Runs a server for as long as `body` runs. `answer` gets the path.
    static func run<Result>(
        _ answer: @escaping @Sendable (String) -> Answer, _ body: (LoopbackServer) async throws -> Result
    ) async throws -> Result {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = LoopbackServer(port: channel.localAddress?.port ?? 0)
        do {
            let result = try await body(server)
            try await channel.close()
            return result
        } catch {
            try? await channel.close()
            throw error
        }
    }

    func url(_ path: String, host: String = "127.0.0.1") -> String { "http://\(host):\(port)\(path)" }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let answer: @Sendable (String) -> Answer

        init(_ answer: @escaping @Sendable (String) -> Answer) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .head(let head) = unwrapInboundIn(data) else { return }
            switch answer(head.uri) {
            case .reply(let status, let headers, let body):
                var all = HTTPHeaders(headers.map { ($0, $1) })
                all.add(name: "Content-Length", value: String(body.count))
                context.write(
                    wrapOutboundOut(
                        .head(.init(version: .http1_1, status: .init(statusCode: Int(status)), headers: all))),
                    promise: nil)
                context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            case .endless(let headers):
                let head = HTTPResponseHead(
                    version: .http1_1, status: .ok, headers: HTTPHeaders(headers.map { ($0, $1) }))
                context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
                more(context)
            case .silence: break
            }
        }

        private func more(_ context: ChannelHandlerContext) {
            let chunk = ByteBuffer(repeating: UInt8(ascii: "a"), count: 64 * 1024)
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(chunk)))).whenSuccess {
                handler.value.more(bound.value)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
