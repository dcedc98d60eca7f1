public import Logging
public import NIOCore
public import NIOPosix

/// Redis for any number of tasks over one connection: what they ask at the same time is written together, and replies find their askers in order.
///
/// The connection is made at the first command and, once lost, made again with backoff until ``close()``. A command that may have been written when
/// the connection was lost is never repeated: it throws `.connectionClosed`. One that was not yet written waits for the next connection, until
/// the outage has lasted `connectTimeout`; from then on commands throw `.connectionFailed` at once, until Redis is back. A Redis that is still
/// loading its data counts as not there.
///
/// Cancelling a task that waits for a reply throws `.cancelled` at once; the reply is dropped when it comes, and nobody else notices.
public final class RedisClient: RedisSending {
    private let configuration: RedisConfiguration
    let connector: Connector
    private let inbox: Inbox
    private let shared: NIOLoopBoundBox<SharedConnection>
    let makeRandom: @Sendable () -> any RandomNumberGenerator

    /// - Parameter makeRandom: makes the random source that spreads the tries to reconnect, one for each connection that is kept up.
    public init(
        configuration: RedisConfiguration, eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger,
        makeRandom: @escaping @Sendable () -> any RandomNumberGenerator = { SystemRandomNumberGenerator() }
    ) {
        let eventLoop = eventLoopGroup.next()
        self.configuration = configuration
        self.makeRandom = makeRandom
        connector = Connector(configuration: configuration, logger: logger)
        inbox = Inbox(eventLoop: eventLoop)
        let connection = SharedConnection(connector: connector, eventLoop: eventLoop, random: makeRandom())
        shared = NIOLoopBoundBox.makeBoxSendingValue(connection, eventLoop: eventLoop)
    }

    var eventLoop: any EventLoop { inbox.eventLoop }

    deinit {
        inbox.eventLoop.execute { [shared] in shared.value.close() }
    }

    /// Throws `.invalidConfiguration` for commands that block or would change the connection under its other users.
    public func send(_ command: RedisCommand) async throws(RedisError) -> RedisReply {
        let replies = try await replies(to: [command])
        guard let reply = replies.first else { throw RedisReply.null.unexpected("a reply") }
        return try command.checked(reply).get()
    }

    public func pipeline(_ commands: [RedisCommand]) async throws(RedisError) -> [Result<RedisReply, RedisError>] {
        guard !commands.isEmpty else { return [] }
        let replies = try await replies(to: commands)
        return zip(commands, replies).map { command, reply in command.checked(reply) }
    }

    /// A connection for one owner's blocking reads, who closes it. Throws when none can be made within `connectTimeout`; there is no second try.
    public func makeBlockingConnection() async throws(RedisError) -> RedisConnection {
        let future = connector.connect(on: inbox.eventLoop)
        do {
            let connection = try await future.get()
            if !Task.isCancelled { return connection }
            await connection.close()
        } catch {
            throw error as? RedisError ?? RedisError(.connectionFailed, "\(error)")
        }
        throw RedisError(.cancelled, "the task that asked for a connection was cancelled")
    }

    /// Fails what is in flight or waiting with `.clientClosed` and closes the shared connection. Connections made by
    /// ``makeBlockingConnection()`` and subscriptions are their owners' to close.
    public func close() async {
        try? await inbox.eventLoop.submit { [shared] in shared.value.close() }.get()
    }

    private func replies(to commands: [RedisCommand]) async throws(RedisError) -> [RedisReply] {
        for command in commands {
            if let objection = command.objectionToSharing {
                throw RedisError(.invalidConfiguration, command: command.summary, objection)
            }
        }
        let request = Request(commands, timeout: configuration.commandTimeout)
        return try await request.replies(submit: { inbox.add(request) { [shared] in shared.value.submit($0) } })
    }
}
