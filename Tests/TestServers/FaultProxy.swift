import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// Stands between clients and a server, on a unix socket, and does to their bytes what networks do: nothing, delay,
/// swallow without a word, break off.
///
/// A fault set at any moment holds for all connections, those that are open and those to come.
package final class FaultProxy: Sendable {
    package enum Direction: Sendable { case toServer, toClient }

    package enum Fault: Sendable {
        case none
        /// Each piece arrives so much later, in order.
        case delay(Duration)
        /// What goes that way is swallowed; nobody is told. Nil: both ways.
        case blackHole(Direction?)
        /// Once a connection has passed so many bytes that way since the fault was set, it breaks: the byte k is the last.
        case reset(atByte: Int, Direction)
        /// When one side ends, the other hears of it so much later.
        case slowClose(Duration)
        /// Passes on the first bytes to the server that contain this text, and swallows what comes back; the client is
        /// cut off. Happens once.
        case cutAfterSending(String)
        /// Takes no new connection and breaks those there are.
        case refuse
    }

    private struct State {
        var fault = Fault.none
        /// Rises with each fault set, so that connections begin to count anew.
        var generation = 0
        var upstream: String
        var channels: [ObjectIdentifier: any Channel] = [:]
        var cuts = 0
    }

    /// The socket's own folder and path.
    package var folder: String { place.path }
    package let path: String
    private let place: ServerFolder
    private let state: Mutex<State>
    private let listener = Mutex<(any Channel)?>(nil)

    /// - Parameters:
    ///   - socket: the name of the socket's file, in a folder of the proxy's own.
    ///   - upstream: the path of the server's socket.
    package static func start(socket: String, upstream: String) async throws -> FaultProxy {
        let proxy = try FaultProxy(socket: socket, upstream: upstream)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { client in proxy.accept(client) }
            .bind(unixDomainSocketPath: proxy.path).get()
        proxy.listener.withLock { $0 = channel }
        // Postgres' clients may run as another user than the tests.
        chmod(proxy.folder, 0o755)
        chmod(proxy.path, 0o777)
        return proxy
    }

    private init(socket: String, upstream: String) throws {
        place = try ServerFolder()
        path = place.file(socket)
        state = Mutex(State(upstream: upstream))
    }

    package func set(_ fault: Fault) {
        let broken = state.withLock { state -> [any Channel] in
            state.fault = fault
            state.generation += 1
            if case .refuse = fault { return Array(state.channels.values) }
            return []
        }
        for channel in broken { channel.close(promise: nil) }
    }

    /// How often `cutAfterSending` has cut.
    package var cuts: Int { state.withLock(\.cuts) }

    /// Breaks every connection, and sends new ones to another server: a failover.
    package func move(to upstream: String) {
        let broken = state.withLock { state in
            state.upstream = upstream
            return Array(state.channels.values)
        }
        for channel in broken { channel.close(promise: nil) }
    }

    package func close() async {
        try? await listener.withLock { $0 }?.close().get()
        set(.refuse)
        try? FileManager.default.removeItem(atPath: folder)
    }

    fileprivate var present: (fault: Fault, generation: Int) { state.withLock { ($0.fault, $0.generation) } }

    /// Ends the fault, if it is still the one that was met. Answers whether it was.
    fileprivate func spend(_ generation: Int) -> Bool {
        state.withLock { state in
            guard state.generation == generation else { return false }
            (state.fault, state.generation, state.cuts) = (.none, generation + 1, state.cuts + 1)
            return true
        }
    }

    private func accept(_ client: any Channel) -> EventLoopFuture<Void> {
        if case .refuse = present.fault { return client.close() }
        note(client)
        let upstream = state.withLock(\.upstream)
        // One loop for both sides, so that they share their state without a lock.
        return ClientBootstrap(group: client.eventLoop)
            .channelOption(.autoRead, value: false)
            .connect(unixDomainSocketPath: upstream)
            .flatMap { server in
                self.note(server)
                return client.eventLoop.makeCompletedFuture {
                    try client.pipeline.syncOperations.addHandler(Relay(.toServer, to: server, by: self))
                    try server.pipeline.syncOperations.addHandler(Relay(.toClient, to: client, by: self))
                }.flatMap {
                    client.setOption(.autoRead, value: true).and(server.setOption(.autoRead, value: true)).map { _ in }
                }
            }
            .flatMapError { _ in client.close() }
    }

    private func note(_ channel: any Channel) {
        state.withLock { $0.channels[ObjectIdentifier(channel)] = channel }
        channel.closeFuture.whenComplete { _ in
            self.state.withLock { $0.channels[ObjectIdentifier(channel)] = nil }
        }
    }
}

/// Carries one direction of one connection. Its state belongs to the connection's event loop.
private final class Relay: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let direction: FaultProxy.Direction
    private let other: any Channel
    private let proxy: FaultProxy
    private var generation = 0
    private var passed = 0
    private var closesAfter: TimeAmount = .zero

    init(_ direction: FaultProxy.Direction, to other: any Channel, by proxy: FaultProxy) {
        (self.direction, self.other, self.proxy) = (direction, other, proxy)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        let (fault, generation) = proxy.present
        if generation != self.generation { (self.generation, passed, closesAfter) = (generation, 0, .zero) }
        switch fault {
        case .none: pass(bytes)
        case .refuse: context.close(promise: nil)
        case .delay(let time):
            let (other, late) = (other, bytes)
            context.eventLoop.scheduleTask(in: TimeAmount(time)) { other.writeAndFlush(late, promise: nil) }
        case .blackHole(let swallowed):
            if let swallowed, swallowed != direction { pass(bytes) }
        case .slowClose(let time):
            closesAfter = TimeAmount(time)
            pass(bytes)
        case .reset(let limit, let counted):
            guard counted == direction else { return pass(bytes) }
            let room = max(0, limit - passed)
            passed += bytes.readableBytes
            guard passed >= limit else { return pass(bytes) }
            let (other, own) = (other, context.channel)
            if let last = bytes.readSlice(length: min(room, bytes.readableBytes)) {
                other.writeAndFlush(last).whenComplete { _ in
                    other.close(promise: nil)
                    own.close(promise: nil)
                }
            }
        case .cutAfterSending(let text):
            guard direction == .toServer, bytes.readableBytesView.firstRange(of: Array(text.utf8)) != nil,
                proxy.spend(generation)
            else { return pass(bytes) }
            // The server acts on it; whatever it answers finds nobody.
            context.close(promise: nil)
            other.writeAndFlush(bytes, promise: nil)
        }
    }

    private func pass(_ bytes: ByteBuffer) { other.writeAndFlush(bytes, promise: nil) }

    func channelInactive(context: ChannelHandlerContext) {
        let other = other
        // At once, what was just written would be lost.
        let wait = max(closesAfter, .milliseconds(5))
        context.eventLoop.scheduleTask(in: wait) { other.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

extension TimeAmount {
    fileprivate init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
