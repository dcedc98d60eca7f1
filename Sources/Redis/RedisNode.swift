import Logging
import NIOCore

/// One server, and the connection that all callers share to it.
final class RedisNode: Sendable {
    let connector: Connector
    private let inbox: Inbox
    private let shared: NIOLoopBoundBox<SharedConnection>

    /// - Parameter patience: how long commands wait for a lost connection; nil: until a try to connect has failed.
    init(
        connector: Connector, patience: Duration?, eventLoop: any EventLoop,
        makeRandom: @Sendable () -> any RandomNumberGenerator
    ) {
        self.connector = connector
        inbox = Inbox(eventLoop: eventLoop)
        let connection = SharedConnection(
            connector: connector, patience: patience.map { TimeAmount($0) }, eventLoop: eventLoop,
            random: makeRandom())
        shared = NIOLoopBoundBox.makeBoxSendingValue(connection, eventLoop: eventLoop)
    }

    var address: RedisConfiguration.Address { connector.configuration.address }
    var eventLoop: any EventLoop { inbox.eventLoop }

    deinit {
        inbox.eventLoop.execute { [shared] in shared.value.close() }
    }

    func replies(to commands: [RedisCommand], deadline: NIODeadline) async throws(RedisError) -> [RedisReply] {
        let request = Request(commands, deadline: deadline)
        return try await request.replies(submit: { inbox.add(request) { [shared] in shared.value.submit($0) } })
    }

    /// Gives back what waits for a connection to this server. What it was sent already may still be answered.
    func sendAway(_ reason: String) {
        inbox.eventLoop.execute { [shared] in shared.value.sendAway(reason) }
    }

    func close() async {
        try? await inbox.eventLoop.submit { [shared] in shared.value.close() }.get()
    }

    /// A connection of its owner's own.
    func connect() async throws(RedisError) -> RedisConnection {
        do {
            let connection = try await connector.connect(on: inbox.eventLoop).get()
            if !Task.isCancelled { return connection }
            await connection.close()
        } catch {
            throw error as? RedisError ?? RedisError(.connectionFailed, "\(error)")
        }
        throw RedisError(.cancelled, "the task that asked for a connection was cancelled")
    }
}
