import NIOCore

/// Keeps a subscribed connection up and puts what it brings into a mailbox. Confined to its event loop.
final class SubscriptionFeed {
    private let channels: [String]
    private let mailbox: SubscriptionMailbox
    private let reconnector: Reconnector
    private let eventLoop: any EventLoop
    private let silence: TimeAmount

    private var connection: RedisConnection?
    private var missing: Set<String> = []
    private var hasSubscribed = false
    private var whenReady: EventLoopPromise<Void>?
    private var watch: Scheduled<Void>?

    init(
        channels: [String], mailbox: SubscriptionMailbox, reconnector: Reconnector, silence: Duration,
        eventLoop: any EventLoop
    ) {
        self.channels = channels
        self.mailbox = mailbox
        self.eventLoop = eventLoop
        self.silence = TimeAmount(silence)
        self.reconnector = reconnector
        reconnector.onConnected = { [weak self] in self?.connected($0) }
        reconnector.onLost = { [weak self] in self?.lost($0) }
        reconnector.onFailed = { [weak self] in self?.failed($0) }
    }

    /// - Parameter ready: succeeds when Redis has confirmed every channel, and fails if the first connection can't be made.
    func start(_ ready: EventLoopPromise<Void>) {
        whenReady = ready
        reconnector.start()
    }

    func stop() {
        watch?.cancel()
        let error = RedisError(.clientClosed, "the subscription was closed")
        reconnector.stop(error)
        failStart(error)
    }

    private func connected(_ connection: RedisConnection) {
        self.connection = connection
        missing = Set(channels)
        let handler = connection.loopHandler
        handler.onPush = { [weak self] in self?.take($0) }
        handler.sendUnmatched([RedisCommand("SUBSCRIBE", arguments: channels.map { RedisArgument($0) })])
        listen(to: handler, since: handler.received)
    }

    private func take(_ reply: RedisReply) {
        do throws(RedisError) {
            if case .error(let message) = reply {
                throw RedisError(.replyError, command: "SUBSCRIBE", mayHaveRun: true, message)
            }
            let parts = try reply.array()
            let kind = try parts.first?.string()
            switch kind {
            case "message":
                guard parts.count == 3 else { throw reply.unexpected("a published message") }
                mailbox.put(.message(channel: try parts[1].string(), payload: try parts[2].bytes()))
            case "subscribe":
                guard parts.count == 3 else { throw reply.unexpected("a confirmed subscription") }
                confirm(try parts[1].string())
            default: break  // The answer to our PING.
            }
        } catch {
            failStart(error)
            connection?.closeNow(RedisError(.protocolError, "the subscription failed: \(error.message)"))
        }
    }

    private func confirm(_ channel: String) {
        missing.remove(channel)
        guard missing.isEmpty else { return }
        if hasSubscribed { mailbox.put(.resubscribed) }
        hasSubscribed = true
        whenReady?.succeed()
        whenReady = nil
    }

    private func lost(_ error: RedisError) {
        connection = nil
        watch?.cancel()
        failStart(error)
    }

    private func failed(_ error: RedisError) {
        failStart(error)
    }

    private func failStart(_ error: RedisError) {
        guard let ready = whenReady else { return }
        whenReady = nil
        // Whoever asked is told, so nobody would read what further tries bring.
        reconnector.stop(error)
        mailbox.finish()
        ready.fail(error)
    }

    /// A quiet channel and a cut cable look the same, so Redis is pinged in every quiet spell; two spells without any byte are a loss.
    private func listen(to handler: ConnectionHandler, since before: UInt64, pinged: Bool = false) {
        watch = eventLoop.assumeIsolated().scheduleTask(in: silence) { [weak self] in
            guard let self, let connection = self.connection else { return }
            if handler.received != before {
                self.listen(to: handler, since: handler.received)
            } else if pinged {
                connection.closeNow(RedisError(.timedOut, "the subscription's connection has gone silent"))
            } else {
                handler.sendUnmatched([RedisCommand("PING")])
                self.listen(to: handler, since: before, pinged: true)
            }
        }
    }
}
