import NIOCore
import Synchronization

/// One connection, used by one owner, who closes it: for blocking reads, which would stall everybody else on a shared one. It doesn't reconnect:
/// when it is lost, everything throws `.connectionClosed`, and the owner asks ``RedisClient/makeBlockingConnection(for:)`` for another.
///
/// Cancelling a command that waits here closes the connection, since nothing behind it could be answered.
public final class RedisConnection: RedisSending {
    private let configuration: RedisConfiguration
    private let channel: any Channel
    private let handler: NIOLoopBound<ConnectionHandler>
    private let inbox: Inbox
    private let redirected = Mutex<(@Sendable () -> Void)?>(nil)

    /// Called when a server of a cluster answers that another one has what was asked for.
    var onRedirection: (@Sendable () -> Void)? {
        get { redirected.withLock { $0 } }
        set { redirected.withLock { $0 = newValue } }
    }

    /// On the channel's event loop.
    init(configuration: RedisConfiguration, channel: any Channel, handler: ConnectionHandler) {
        self.configuration = configuration
        self.channel = channel
        self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
        inbox = Inbox(eventLoop: channel.eventLoop)
    }

    deinit {
        // An owner that forgot to close it.
        channel.close(promise: nil)
    }

    /// Whether it still carries commands, as far as is known.
    public var isOpen: Bool { channel.isActive }

    /// A blocking command waits for its blocking time and the command time-out on top; one that blocks for ever waits for ever.
    public func send(_ command: RedisCommand) async throws(RedisError) -> RedisReply {
        try await send(command, timeout: nil)
    }

    /// - Parameter timeout: from now to the reply; nil: as ``send(_:)``. It must exceed a blocking command's own time: a reply that comes after
    ///   its reader has gone is a delivery nobody sees. Throws `.invalidConfiguration` otherwise.
    public func send(_ command: RedisCommand, timeout: Duration?) async throws(RedisError) -> RedisReply {
        let replies = try await replies(to: [command], timeout: try clientTimeout(for: command, asked: timeout))
        guard let reply = replies.first else { throw RedisReply.null.unexpected("a reply") }
        if case .error(let message) = reply, Redirection(message, from: configuration.address) != nil {
            onRedirection?()
        }
        return try command.checked(reply).get()
    }

    public func pipeline(_ commands: [RedisCommand]) async throws(RedisError) -> [Result<RedisReply, RedisError>] {
        guard !commands.isEmpty else { return [] }
        var total: Duration? = configuration.commandTimeout
        for command in commands {
            switch command.blocking {
            case .never: continue
            case .upTo(let time): total = total.map { $0 + time }
            case .forever: total = nil
            }
        }
        let replies = try await replies(to: commands, timeout: total)
        return zip(commands, replies).map { command, reply in command.checked(reply) }
    }

    /// Closes the connection; what is in flight throws `.clientClosed`. Returns when it is closed.
    public func close() async {
        drop()
        try? await channel.closeFuture.get()
    }

    private func replies(to commands: [RedisCommand], timeout: Duration?) async throws(RedisError) -> [RedisReply] {
        let request = Request(commands, timeout: timeout)
        return try await request.replies(
            submit: { inbox.add(request) { [handler] in handler.value.send($0) } },
            onCancel: { drop() })
    }

    private func clientTimeout(for command: RedisCommand, asked: Duration?) throws(RedisError) -> Duration? {
        switch command.blocking {
        case .never: return asked ?? configuration.commandTimeout
        case .upTo(let time):
            guard let asked else { return time + configuration.commandTimeout }
            if asked > time { return asked }
        case .forever:
            if asked == nil { return nil }
        }
        throw RedisError(
            .invalidConfiguration, command: command.summary,
            "the time-out must exceed the time the command blocks for, or a delivery could be lost unseen")
    }

    private func drop() {
        channel.eventLoop.execute { [handler] in
            handler.value.close(RedisError(.clientClosed, "the connection was closed by its owner"))
        }
    }
}

// For those who share the connection's event loop.
extension RedisConnection {
    func sendNow(_ requests: [Request]) {
        handler.value.send(requests)
    }

    func closeNow(_ error: RedisError) {
        handler.value.close(error)
    }

    func whenClosed(_ action: @escaping (RedisError) -> Void) {
        if let failure = handler.value.failure { action(failure) } else { handler.value.onClosed = action }
    }

    var loopHandler: ConnectionHandler { handler.value }
}
