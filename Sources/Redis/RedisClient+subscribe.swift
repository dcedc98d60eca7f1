import NIOCore

extension RedisClient {
    /// Subscribes on a connection of its own and returns when Redis has confirmed every channel. Throws when the first connection can't be made;
    /// later losses are mended.
    ///
    /// In a Redis Cluster the connection leads to any of its servers, which tell each other what is published, and after a loss to another. A server
    /// that is cut off from the others, but not from here, brings nothing from beyond the cut.
    ///
    /// - Parameter capacity: how many unread messages are kept; a reader that lags further loses the oldest.
    public func subscribe(
        to channels: [String], capacity: Int = 4096
    ) async throws(RedisError) -> RedisSubscription {
        guard !channels.isEmpty, capacity > 0 else {
            throw RedisError(.invalidConfiguration, "a subscription needs a channel, and room for a message")
        }
        let eventLoop = nextEventLoop
        let mailbox = SubscriptionMailbox(capacity: capacity)
        let feed = NIOLoopBoundBox.makeBoxSendingValue(
            SubscriptionFeed(
                channels: channels, mailbox: mailbox, reconnector: makeReconnector(on: eventLoop),
                silence: configuration.commandTimeout, eventLoop: eventLoop),
            eventLoop: eventLoop)
        let subscription = RedisSubscription(mailbox: mailbox, feed: feed, eventLoop: eventLoop)
        let ready = eventLoop.makePromise(of: Void.self)
        eventLoop.execute { feed.value.start(ready) }
        do {
            try await withTaskCancellationHandler {
                try await ready.futureResult.get()
            } onCancel: {
                subscription.close()
            }
            return subscription
        } catch {
            if Task.isCancelled { throw RedisError(.cancelled, "the task that subscribed was cancelled") }
            throw error as? RedisError ?? RedisError(.connectionFailed, "\(error)")
        }
    }
}
