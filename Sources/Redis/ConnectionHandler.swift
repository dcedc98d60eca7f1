import NIOCore

/// One connection's end of the channel: writes requests, matches replies to them in order, and watches their deadlines. Confined to its event loop.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private struct InFlight {
        let request: Request
        var replies: [RedisReply] = []
        var missing: Int
    }

    private let parser: ReplyParser
    private var context: ChannelHandlerContext?
    private var inFlight = CircularBuffer<InFlight>()
    private var alarm: (at: NIODeadline, task: Scheduled<Void>)?

    /// Why the connection is no more; nil while it is good.
    private(set) var failure: RedisError?
    /// Called once, with ``failure``, before the requests in flight are failed.
    var onClosed: ((RedisError) -> Void)?
    /// Takes what comes when no request is in flight: published messages. Nil: such a reply is a protocol error.
    var onPush: ((RedisReply) -> Void)?
    /// Rises with every reply, to tell a silent connection from a living one.
    private(set) var received: UInt64 = 0

    init() throws(RedisError) {
        parser = try ReplyParser()
    }

    // MARK: Writing

    /// Writes the requests that are still awaited and flushes once.
    func send(_ requests: [Request]) {
        guard let context, failure == nil else {
            let reason = failure?.message ?? "the connection is not open"
            for request in requests { request.fail(failure?.code ?? .connectionClosed, reason) }
            return
        }
        for request in requests where request.beginWriting() {
            inFlight.append(InFlight(request: request, missing: request.commands.count))
            if let deadline = request.deadline { setAlarm(deadline) }
            context.write(wrapOutboundOut(request.bytes), promise: nil)
        }
        context.flush()
    }

    /// Writes commands whose replies go to ``onPush``.
    func sendUnmatched(_ commands: [RedisCommand]) {
        context?.writeAndFlush(wrapOutboundOut(commands.encoded()), promise: nil)
    }

    /// Closes the connection; what is in flight fails with `error`'s code and reason.
    func close(_ error: RedisError) {
        guard failure == nil else { return }
        failure = error
        alarm?.task.cancel()
        alarm = nil
        onClosed?(error)
        onClosed = nil
        onPush = nil
        let lost = inFlight
        inFlight.removeAll()
        for entry in lost { entry.request.fail(error.code, error.message) }
        context?.close(promise: nil)
    }

    // MARK: Reading

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard failure == nil else { return }
        do {
            try unwrapInboundIn(data).withUnsafeReadableBytes { bytes in
                try parser.feed(bytes) { take($0) }
            }
        } catch {
            fail(
                RedisError(
                    .protocolError,
                    "Redis sent what can't be understood: \((error as? RedisError)?.message ?? "\(error)")"))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        close(RedisError(.connectionClosed, "Redis closed the connection"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close(RedisError(.connectionClosed, "the connection failed: \(error)"))
    }

    private func take(_ reply: RedisReply) {
        guard failure == nil else { return }
        received &+= 1
        guard !inFlight.isEmpty else {
            if let onPush {
                onPush(reply)
            } else {
                fail(RedisError(.protocolError, "Redis sent a reply that nobody asked for"))
            }
            return
        }
        let first = inFlight.startIndex
        inFlight[first].replies.append(reply)
        inFlight[first].missing -= 1
        if inFlight[first].missing == 0 {
            let entry = inFlight.removeFirst()
            entry.request.succeed(entry.replies)
        }
    }

    /// The first request in flight is the one to blame; those behind it only lost their connection.
    private func fail(_ error: RedisError) {
        if let first = inFlight.first {
            first.request.fail(error.code, error.message)
        }
        close(RedisError(.connectionClosed, "the connection was closed: \(error.message)"))
    }

    // MARK: Deadlines

    /// One alarm a connection, not one a command: it rings at the earliest deadline known when it was set and then looks for the next.
    private func setAlarm(_ deadline: NIODeadline) {
        guard let context else { return }
        if let alarm, alarm.at <= deadline { return }
        alarm?.task.cancel()
        let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { self.checkDeadlines() }
        alarm = (deadline, task)
    }

    private func checkDeadlines() {
        alarm = nil
        let now = NIODeadline.now()
        var earliest: NIODeadline?
        var late = false
        for entry in inFlight {
            guard let deadline = entry.request.deadline else { continue }
            if deadline <= now {
                late = true
                entry.request.fail(.timedOut, "no reply came in time, so the connection was closed")
            } else {
                earliest = min(earliest ?? deadline, deadline)
            }
        }
        if late {
            close(RedisError(.connectionClosed, "the connection was closed: an earlier command had no reply in time"))
        } else if let earliest {
            setAlarm(earliest)
        }
    }
}
