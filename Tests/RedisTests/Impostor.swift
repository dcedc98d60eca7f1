import NIOCore
import NIOPosix

/// A server that is not Redis: it answers everything with the same words.
struct Impostor {
    private let channel: any Channel

    var port: Int { channel.localAddress?.port ?? 0 }

    static func start(answers: String) async throws -> Impostor {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Greeter(words: ByteBuffer(string: answers)))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return Impostor(channel: channel)
    }

    func stop() async {
        try? await channel.close()
    }

    private final class Greeter: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let words: ByteBuffer

        init(words: ByteBuffer) {
            self.words = words
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            context.writeAndFlush(wrapOutboundOut(words), promise: nil)
        }
    }
}
