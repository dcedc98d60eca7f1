import NIOCore

/// What is published to some channels, as long as this value (or an iterator of it) lives. It has a connection of its own, which comes back after
/// a loss; since pub/sub keeps nothing, what was published in between is gone, and ``Element/resubscribed`` says so.
///
/// Only one task may read it. Cancelling that task ends the sequence and closes the connection.
public final class RedisSubscription: AsyncSequence, Sendable {
    public enum Element: Sendable, Hashable {
        case message(channel: String, payload: [UInt8])
        /// The connection was lost and is back: messages may be missing here.
        case resubscribed
        /// The reader was too slow; so many messages are missing here.
        case dropped(Int)
    }

    public typealias Failure = Never

    private let mailbox: SubscriptionMailbox
    private let feed: NIOLoopBoundBox<SubscriptionFeed>
    private let eventLoop: any EventLoop

    init(mailbox: SubscriptionMailbox, feed: NIOLoopBoundBox<SubscriptionFeed>, eventLoop: any EventLoop) {
        self.mailbox = mailbox
        self.feed = feed
        self.eventLoop = eventLoop
    }

    deinit { close() }

    /// Ends the sequence, after what has arrived, and closes the connection.
    public func close() {
        mailbox.finish()
        eventLoop.execute { [feed] in feed.value.stop() }
    }

    public func makeAsyncIterator() -> Iterator {
        Iterator(subscription: self)
    }

    public struct Iterator: AsyncIteratorProtocol, Sendable {
        fileprivate let subscription: RedisSubscription

        /// Nil once the subscription is closed or the task is cancelled.
        public mutating func next() async -> Element? {
            let subscription = subscription
            return await withTaskCancellationHandler {
                await subscription.mailbox.next()
            } onCancel: {
                subscription.close()
            }
        }

        public mutating func next(isolation actor: isolated (any Actor)?) async -> Element? {
            await next()
        }
    }
}
