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
///
/// With ``RedisConfiguration/clusterSeeds`` it is the same for a Redis Cluster, over one connection to each primary. A command goes to the server
/// that has its keys, and on to where that one sends it (`MOVED`, `ASK`). What a cluster refuses for the moment (`TRYAGAIN`, `CLUSTERDOWN`), or
/// a dead primary was never sent, is tried again for up to `connectTimeout`, while the map of slots is asked for anew: so a failover is waited
/// for, and what was in flight when the primary died throws `.connectionClosed` as above. What the dead primary had acknowledged but not yet given
/// to its replica is lost; that is Redis' promise, and no client can better it. A command whose keys lie in several slots is refused before it
/// is sent. Nothing is read from replicas.
public final class RedisClient: RedisSending {
    private enum Backend {
        case single(RedisNode)
        case cluster(Cluster)
    }

    let configuration: RedisConfiguration
    private let backend: Backend
    private let group: any EventLoopGroup
    private let logger: Logger
    let makeRandom: @Sendable () -> any RandomNumberGenerator

    /// - Parameter makeRandom: makes the random source that spreads the tries to reconnect, one for each connection that is kept up.
    public init(
        configuration: RedisConfiguration, eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger,
        makeRandom: @escaping @Sendable () -> any RandomNumberGenerator = { SystemRandomNumberGenerator() }
    ) {
        (self.configuration, self.group, self.logger) = (configuration, eventLoopGroup, logger)
        self.makeRandom = makeRandom
        if let seeds = configuration.clusterSeeds {
            backend = .cluster(
                Cluster(
                    configuration: configuration, seeds: seeds, group: eventLoopGroup, logger: logger,
                    makeRandom: makeRandom))
        } else {
            backend = .single(
                RedisNode(
                    connector: Connector(configuration: configuration, logger: logger),
                    patience: configuration.connectTimeout, eventLoop: eventLoopGroup.next(), makeRandom: makeRandom))
        }
    }

    /// Throws `.invalidConfiguration` for commands that block or would change the connection under its other users.
    public func send(_ command: RedisCommand) async throws(RedisError) -> RedisReply {
        if let objection = command.objectionToSharing {
            throw RedisError(.invalidConfiguration, command: command.summary, objection)
        }
        switch backend {
        case .single(let node):
            guard let reply = try await node.replies(to: [command], deadline: deadline).first else {
                throw RedisReply.null.unexpected("a reply")
            }
            return try command.checked(reply).get()
        case .cluster(let cluster):
            guard let result = try await cluster.replies(to: [command]).first else {
                throw RedisReply.null.unexpected("a reply")
            }
            return try result.get()
        }
    }

    /// In a cluster, what befalls one server befalls only the commands that went there, and is their elements' failure; it is thrown if it befell
    /// them all. Commands to one server keep their order.
    public func pipeline(_ commands: [RedisCommand]) async throws(RedisError) -> [Result<RedisReply, RedisError>] {
        guard !commands.isEmpty else { return [] }
        for command in commands {
            if let objection = command.objectionToSharing {
                throw RedisError(.invalidConfiguration, command: command.summary, objection)
            }
        }
        switch backend {
        case .single(let node):
            let replies = try await node.replies(to: commands, deadline: deadline)
            return zip(commands, replies).map { command, reply in command.checked(reply) }
        case .cluster(let cluster):
            let results = try await cluster.replies(to: commands)
            if case .failure(let first) = results[0], results.allSatisfy(\.isLost) { throw first }
            return results
        }
    }

    /// Sends a command without keys to the server that has this key, e.g. `CLIENT UNBLOCK` for a connection that waits there.
    public func send(_ command: RedisCommand, toServerOf key: String) async throws(RedisError) -> RedisReply {
        guard case .cluster(let cluster) = backend else { return try await send(command) }
        if let objection = command.objectionToSharing {
            throw RedisError(.invalidConfiguration, command: command.summary, objection)
        }
        guard let node = try cluster.node(for: HashSlot(of: key)),
            let reply = try await node.replies(to: [command], deadline: deadline).first
        else {
            throw RedisError(
                .connectionFailed, command: command.summary, "no server of the Redis Cluster has the slot of \(key)")
        }
        return try command.checked(reply).get()
    }

    /// Sends the command to the server, or to every primary of the cluster that has slots: for what keys don't lead to, such as `INFO`.
    ///
    /// - Throws: what the first server that failed said, or what befell it.
    public func sendToEveryPrimary(
        _ command: RedisCommand
    ) async throws(RedisError) -> [(server: RedisConfiguration.Address, reply: RedisReply)] {
        guard case .cluster(let cluster) = backend else { return [(configuration.address, try await send(command))] }
        if let objection = command.objectionToSharing {
            throw RedisError(.invalidConfiguration, command: command.summary, objection)
        }
        try await cluster.refresh()
        var replies: [(server: RedisConfiguration.Address, reply: RedisReply)] = []
        for address in cluster.primaries {
            guard let reply = try await cluster.node(at: address).replies(to: [command], deadline: deadline).first
            else {
                throw RedisReply.null.unexpected("a reply")
            }
            replies.append((address, try command.checked(reply).get()))
        }
        return replies
    }

    /// A connection for one owner's blocking reads, who closes it. Throws when none can be made within `connectTimeout`; there is no second try.
    ///
    /// - Parameter key: what is going to be read. In a cluster the connection leads to the server that has it; nil: to any. The connection follows no
    ///   redirection: when its server no longer has the key, commands throw `MOVED` (a blocked one `UNBLOCKED`), and its owner asks for another.
    public func makeBlockingConnection(for key: String? = nil) async throws(RedisError) -> RedisConnection {
        switch backend {
        case .single(let node):
            return try await node.connect()
        case .cluster(let cluster):
            let slot = key.map { HashSlot(of: $0) }
            if try cluster.node(for: slot) == nil { try await cluster.refresh() }
            guard let node = try cluster.node(for: slot) else {
                throw RedisError(
                    .connectionFailed, "no server of the Redis Cluster has the slot of \(key ?? "any key")")
            }
            do throws(RedisError) {
                let connection = try await node.connect()
                connection.onRedirection = { [weak cluster] in cluster?.refreshSoon() }
                return connection
            } catch {
                cluster.refreshSoon()
                throw error
            }
        }
    }

    /// Fails what is in flight or waiting with `.clientClosed` and closes the shared connections. Connections made by
    /// ``makeBlockingConnection(for:)`` and subscriptions are their owners' to close.
    public func close() async {
        switch backend {
        case .single(let node): await node.close()
        case .cluster(let cluster): await cluster.close()
        }
    }

    private var deadline: NIODeadline { .now() + TimeAmount(configuration.commandTimeout) }
}

extension RedisClient {
    /// Keeps up a connection, for subscriptions: to the server, or to any of the cluster, whose servers tell each other what is published.
    func makeReconnector(on eventLoop: any EventLoop) -> Reconnector {
        let connect: (any EventLoop) -> EventLoopFuture<RedisConnection>
        switch backend {
        case .single(let node): connect = node.connector.connect
        case .cluster(let cluster): connect = cluster.connectAnywhere
        }
        return Reconnector(
            configuration: configuration, logger: logger, connect: connect, eventLoop: eventLoop, random: makeRandom())
    }

    var nextEventLoop: any EventLoop {
        switch backend {
        case .single(let node): node.eventLoop
        case .cluster: group.next()
        }
    }
}

extension Result<RedisReply, RedisError> {
    /// Whether it was no server's answer.
    fileprivate var isLost: Bool {
        if case .failure(let error) = self { error.code != .replyError } else { false }
    }
}
