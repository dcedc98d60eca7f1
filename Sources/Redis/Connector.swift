import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Keeps what was read from certificates: that takes milliseconds and blocks, so it is done once.
final class TLSContextCache: Sendable {
    private let stored = Mutex<NIOSSLContext?>(nil)

    var context: NIOSSLContext? {
        get { stored.withLock { $0 } }
        set { stored.withLock { $0 = newValue } }
    }
}

/// Makes connections that are ready for commands: connected, encrypted, authenticated, in their database, and past Redis' loading.
final class Connector: Sendable {
    let configuration: RedisConfiguration
    let logger: Logger
    private let tlsContext: TLSContextCache

    /// - Parameter tlsContext: shared by the connectors to servers of one cluster.
    init(configuration: RedisConfiguration, logger: Logger, tlsContext: TLSContextCache = TLSContextCache()) {
        self.configuration = configuration
        self.tlsContext = tlsContext
        var logger = logger
        logger[metadataKey: "redis"] = "\(configuration.address)"
        self.logger = logger
    }

    /// Fails with a ``RedisError``: `connectionFailed`, `authenticationFailed` or `invalidConfiguration`.
    func connect(on eventLoop: any EventLoop) -> EventLoopFuture<RedisConnection> {
        let deadline = NIODeadline.now() + TimeAmount(configuration.connectTimeout)
        return context(on: eventLoop)
            .flatMap { self.open(on: eventLoop, tls: $0) }
            .flatMap { self.greet($0, on: eventLoop, deadline: deadline) }
            .flatMapErrorThrowing { throw self.described($0) }
    }

    private func open(on eventLoop: any EventLoop, tls: NIOSSLContext?) -> EventLoopFuture<RedisConnection> {
        let promise = eventLoop.makePromise(of: RedisConnection.self)
        let configuration = configuration
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(configuration.connectTimeout))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(Self.tlsHandler(tls, configuration)) }
                    try channel.pipeline.syncOperations.addHandler(ConnectionHandler())
                }
            }
        let channel =
            switch configuration.address {
            case .unixSocket(let path): bootstrap.connect(unixDomainSocketPath: path)
            case .tcp(let host, let port):
                bootstrap
                    .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                    .channelOption(.socketOption(.so_keepalive), value: 1)
                    .connect(host: host, port: port)
            }
        channel.flatMapThrowing { channel in
            let handler = try channel.pipeline.syncOperations.handler(type: ConnectionHandler.self)
            return RedisConnection(configuration: configuration, channel: channel, handler: handler)
        }.cascade(to: promise)
        return promise.futureResult
    }

    /// Sends AUTH, SELECT and PING in one write. The PING makes a Redis that is still loading its data say so.
    private func greet(
        _ connection: RedisConnection, on eventLoop: any EventLoop, deadline: NIODeadline
    ) -> EventLoopFuture<RedisConnection> {
        let promise = eventLoop.makePromise(of: RedisConnection.self)
        let request = Request(greeting, deadline: deadline)
        request.whenFinished { outcome in
            do {
                for (command, reply) in zip(request.commands, try outcome.get()) { try self.check(reply, of: command) }
                promise.succeed(connection)
            } catch {
                promise.fail(error)
                connection.closeNow(RedisError(.connectionClosed, "the connection could not be used"))
            }
        }
        connection.sendNow([request])
        return promise.futureResult
    }

    private var greeting: [RedisCommand] {
        var commands: [RedisCommand] = []
        if let password = configuration.password {
            let user = configuration.username.map { [RedisArgument($0)] } ?? []
            commands.append(RedisCommand("AUTH", arguments: user + [RedisArgument(password.value)]))
        }
        if configuration.database != 0 {
            commands.append(RedisCommand("SELECT", RedisArgument(configuration.database)))
        }
        if let name = configuration.clientName {
            commands.append(RedisCommand("CLIENT", "SETNAME", RedisArgument(name)))
        }
        commands.append(RedisCommand("PING"))
        return commands
    }

    private func check(_ reply: RedisReply, of command: RedisCommand) throws(RedisError) {
        guard case .failure(let error) = command.checked(reply) else { return }
        // An ACL user that may not PING, or name its connection, is connected all the same.
        if error.replyCode == "NOPERM", command.name != "SELECT" { return }
        let code: RedisError.Code =
            switch (command.name, error.replyCode) {
            case ("AUTH", _), (_, "NOAUTH"): .authenticationFailed
            case ("SELECT", "ERR"), ("CLIENT", _): .invalidConfiguration
            default: .connectionFailed
            }
        throw RedisError(code, command: command.summary, error.message)
    }

    /// Whatever went wrong, as a ``RedisError`` that says where and why, without the password should Redis have repeated it.
    private func described(_ error: any Error) -> RedisError {
        var code = RedisError.Code.connectionFailed
        var reason = "\(error)"
        if let error = error as? RedisError {
            switch error.code {
            case .authenticationFailed, .invalidConfiguration: code = error.code
            default: break
            }
            reason = [error.code == .timedOut ? nil : error.command, error.message].compactMap(\.self).joined(
                separator: ": ")
        }
        if let secret = configuration.password?.value, !secret.isEmpty {
            reason = reason.split(separator: secret, omittingEmptySubsequences: false).joined(separator: "<redacted>")
        }
        return RedisError(code, "can't connect to \(configuration.address): \(reason)")
    }
}

// TLS
extension Connector {
    private func context(on eventLoop: any EventLoop) -> EventLoopFuture<NIOSSLContext?> {
        guard let tls = configuration.tls else { return eventLoop.makeSucceededFuture(nil) }
        guard case .tcp = configuration.address else {
            let error = RedisError(.invalidConfiguration, "TLS needs a host and a port, not a unix socket")
            return eventLoop.makeFailedFuture(error)
        }
        if let context = tlsContext.context { return eventLoop.makeSucceededFuture(context) }
        return NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) {
            do {
                let context = try NIOSSLContext(configuration: Self.settings(tls))
                self.tlsContext.context = context
                return context
            } catch {
                throw RedisError(.invalidConfiguration, "the TLS files can't be used: \(error)")
            }
        }
    }

    private static func settings(_ tls: RedisConfiguration.TLS) throws -> TLSConfiguration {
        var settings = TLSConfiguration.makeClientConfiguration()
        settings.minimumTLSVersion = .tlsv12
        settings.certificateVerification = tls.verifiesHostname ? .fullVerification : .noHostnameVerification
        if let file = tls.caFile { settings.trustRoots = .file(file) }
        if let file = tls.certificateFile {
            settings.certificateChain = try NIOSSLCertificate.fromPEMFile(file).map { .certificate($0) }
        }
        if let file = tls.keyFile { settings.privateKey = .privateKey(try NIOSSLPrivateKey(file: file, format: .pem)) }
        return settings
    }

    private static func tlsHandler(
        _ context: NIOSSLContext, _ configuration: RedisConfiguration
    ) throws -> NIOSSLClientHandler {
        guard case .tcp(let host, _) = configuration.address else {
            return try NIOSSLClientHandler(context: context, serverHostname: nil)
        }
        // An IP address can't be sent as a server name; it is verified against the certificate's addresses instead.
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        return try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host)
    }
}
