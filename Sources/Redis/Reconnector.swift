import Logging
import NIOCore

/// Keeps one connection up: makes it, hears of its loss, waits with backoff, makes it again. Confined to its event loop.
final class Reconnector {
    /// Called with each connection that is ready for commands.
    var onConnected: (RedisConnection) -> Void = { _ in }
    /// Called when a connection that was ready is lost.
    var onLost: (RedisError) -> Void = { _ in }
    /// Called when a try to connect has failed; the next one is already planned.
    var onFailed: (RedisError) -> Void = { _ in }

    private enum State {
        case idle, connecting
        case connected(RedisConnection, since: NIODeadline)
        case waiting(Scheduled<Void>)
        case stopped
    }

    private let configuration: RedisConfiguration
    private let logger: Logger
    private let connectOnce: (any EventLoop) -> EventLoopFuture<RedisConnection>
    private let eventLoop: any EventLoop
    private var random: any RandomNumberGenerator
    private var state = State.idle
    private var failures = 0

    convenience init(connector: Connector, eventLoop: any EventLoop, random: any RandomNumberGenerator) {
        self.init(
            configuration: connector.configuration, logger: connector.logger, connect: connector.connect,
            eventLoop: eventLoop, random: random)
    }

    /// - Parameter connect: one try, perhaps at another address each time.
    init(
        configuration: RedisConfiguration, logger: Logger,
        connect: @escaping (any EventLoop) -> EventLoopFuture<RedisConnection>, eventLoop: any EventLoop,
        random: any RandomNumberGenerator
    ) {
        (self.configuration, self.logger, connectOnce) = (configuration, logger, connect)
        self.eventLoop = eventLoop
        self.random = random
    }

    /// Begins to connect, unless it has begun before.
    func start() {
        if case .idle = state { connect() }
    }

    /// Closes the connection, if there is one, and makes no other.
    func stop(_ reason: RedisError) {
        let last = state
        state = .stopped
        switch last {
        case .connected(let connection, _): connection.closeNow(reason)
        case .waiting(let planned): planned.cancel()
        case .idle, .connecting, .stopped: break
        }
    }

    private func connect() {
        state = .connecting
        connectOnce(eventLoop).assumeIsolated().whenComplete { [self] result in
            guard case .connecting = state else {
                if case .success(let connection) = result {
                    connection.closeNow(RedisError(.clientClosed, "the client was closed"))
                }
                return
            }
            switch result {
            case .success(let connection): connected(connection)
            case .failure(let error): failed(error as? RedisError ?? RedisError(.connectionFailed, "\(error)"))
            }
        }
    }

    private func connected(_ connection: RedisConnection) {
        logger.debug("redis connected", metadata: ["failures": "\(failures)"])
        state = .connected(connection, since: .now())
        connection.whenClosed { [weak self] error in self?.lost(error) }
        if case .connected = state { onConnected(connection) }
    }

    private func lost(_ error: RedisError) {
        guard case .connected(_, let since) = state else { return }
        logger.warning("redis connection lost", metadata: ["error": "\(error)"])
        // A connection that breaks at once, again and again, must not be remade at once, again and again.
        if NIODeadline.now() - since >= TimeAmount(configuration.backoff.cap) { failures = 0 }
        retryLater()
        onLost(error)
    }

    private func failed(_ error: RedisError) {
        // The first of a row as a warning, the rest for the curious.
        logger.log(
            level: failures == 0 ? .warning : .debug, "redis connect failed",
            metadata: ["error": "\(error)", "failures": "\(failures + 1)"])
        retryLater()
        onFailed(error)
    }

    private func retryLater() {
        let delay = configuration.backoff.delay(after: failures, using: &random)
        failures += 1
        let planned = eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(delay)) { [weak self] in
            guard let self, case .waiting = self.state else { return }
            self.connect()
        }
        state = .waiting(planned)
    }
}
