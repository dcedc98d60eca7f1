import NIOCore
import NIOPosix
import Synchronization

/// A paid provider: for each line that it reads, a request's id, it bills a cent, and says so. It counts everything, and
/// nobody can take a bill back.
package final class CountingProvider: Sendable {
    private let listener: any Channel
    private let tally: Tally
    package let port: Int

    package static let price: Int64 = 10_000

    package static func start() async throws -> CountingProvider {
        let counts = Tally()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Biller(counts))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        guard let port = channel.localAddress?.port else { throw ServerError("the provider has no port") }
        return CountingProvider(channel, port, counts)
    }

    private init(_ listener: any Channel, _ port: Int, _ tally: Tally) {
        (self.listener, self.port, self.tally) = (listener, port, tally)
    }

    /// How often it has billed.
    package var billed: Int { tally.counts.withLock { $0.values.reduce(0, +) } }

    package func close() async { try? await listener.close().get() }

    fileprivate final class Tally: Sendable {
        let counts = Mutex<[String: Int]>([:])
    }
}

private final class Biller: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let tally: CountingProvider.Tally
    private var line = ""

    init(_ tally: CountingProvider.Tally) { self.tally = tally }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        line += String(buffer: unwrapInboundIn(data))
        guard line.hasSuffix("\n") else { return }
        let id = line
        tally.counts.withLock { $0[id, default: 0] += 1 }
        line = ""
        context.channel.writeAndFlush(ByteBuffer(string: "\(CountingProvider.price)\n"), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
