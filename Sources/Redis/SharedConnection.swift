import NIOCore

/// The one connection that all callers of a ``RedisClient`` share, and the requests that wait while it is away. Confined to its event loop.
final class SharedConnection {
    private let eventLoop: any EventLoop
    /// How long an outage may last before what waits is failed. Nil: until a try to connect has failed; whoever asks knows another server.
    private let patience: TimeAmount?
    private let address: RedisConfiguration.Address
    private let reconnector: Reconnector

    private var connection: RedisConnection?
    /// Never written, so they can be sent on the next connection.
    private var waiting: [Request] = []
    /// Since when there has been no connection, what the last try said, and whether that was a try to connect.
    private var outage: (since: NIODeadline, failure: RedisError?, hasFailedToConnect: Bool)?
    private var alarm: Scheduled<Void>?
    private var isClosed = false

    init(
        connector: Connector, patience: TimeAmount?, eventLoop: any EventLoop, random: any RandomNumberGenerator
    ) {
        self.eventLoop = eventLoop
        self.patience = patience
        address = connector.configuration.address
        reconnector = Reconnector(connector: connector, eventLoop: eventLoop, random: random)
        reconnector.onConnected = { [weak self] in self?.connected($0) }
        reconnector.onLost = { [weak self] in self?.lost($0) }
        reconnector.onFailed = { [weak self] in self?.failed($0) }
    }

    func submit(_ requests: [Request]) {
        if let connection {
            connection.sendNow(requests)
        } else if isClosed {
            for request in requests { request.fail(.clientClosed, "the client was closed") }
        } else {
            if outage == nil { outage = (.now(), nil, false) }
            waiting += requests
            failImpatient()
            reconnector.start()
        }
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        connection = nil
        alarm?.cancel()
        reconnector.stop(RedisError(.clientClosed, "the client was closed"))
        let lost = waiting
        waiting = []
        for request in lost { request.fail(.clientClosed, "the client was closed") }
    }

    private func connected(_ connection: RedisConnection) {
        self.connection = connection
        outage = nil
        alarm?.cancel()
        alarm = nil
        let ready = waiting
        waiting = []
        connection.sendNow(ready)
    }

    private func lost(_ error: RedisError) {
        connection = nil
        if !isClosed { outage = (.now(), error, false) }
    }

    private func failed(_ error: RedisError) {
        outage?.failure = error
        outage?.hasFailedToConnect = true
        failImpatient()
    }

    /// Gives back what waits for a connection, so that it may go elsewhere.
    func sendAway(_ reason: String) {
        let waiting = waiting
        self.waiting = []
        for request in waiting { request.fail(.connectionFailed, reason) }
    }

    /// Fails what has waited long enough, and plans the next look. Waiting makes no sense for a wrong password or a wrong address.
    private func failImpatient() {
        guard let outage else { return }
        let now = NIODeadline.now()
        let end = patience.map { outage.since + $0 } ?? (outage.hasFailedToConnect ? now : .distantFuture)
        let isHopeless = outage.failure?.code == .authenticationFailed || outage.failure?.code == .invalidConfiguration
        var rest: [Request] = []
        for request in waiting where !request.isFinished {
            if isHopeless, let failure = outage.failure {
                request.fail(failure.code, failure.message)
            } else if end <= now {
                request.fail(.connectionFailed, reason(outage.failure))
            } else if let deadline = request.deadline, deadline <= now {
                request.fail(.timedOut, reason(outage.failure))
            } else {
                rest.append(request)
            }
        }
        waiting = rest
        alarm?.cancel()
        alarm = nil
        guard !rest.isEmpty else { return }
        let next = rest.reduce(end) { min($0, $1.deadline ?? end) }
        alarm = eventLoop.assumeIsolated().scheduleTask(deadline: next) { [weak self] in self?.failImpatient() }
    }

    private func reason(_ failure: RedisError?) -> String {
        let last = failure?.message ?? "no answer from \(address)"
        return "there is no connection to Redis; the client goes on trying. The last failure: \(last)"
    }
}
