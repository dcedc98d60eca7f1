import TestServers
import Testing

@testable import Redis

@Suite struct `A subscription` {
    @Test func `brings what is published to its channels, in order`() async throws {
        try await withClient { client in
            let subscription = try await client.subscribe(to: ["sub:a", "sub:b"])
            let payload: [UInt8] = [0, 13, 10, 255]
            _ = try await client.pipeline([
                RedisCommand("PUBLISH", "sub:a", RedisArgument(bytes: payload)),
                RedisCommand("PUBLISH", "sub:other", "x"), RedisCommand("PUBLISH", "sub:b", "second"),
            ])
            var iterator = subscription.makeAsyncIterator()
            #expect(await iterator.next() == .message(channel: "sub:a", payload: payload))
            #expect(await iterator.next() == .message(channel: "sub:b", payload: Array("second".utf8)))
            subscription.close()
            #expect(await iterator.next() == nil)
        }
    }

    @Test func `subscribes again after a loss and says so`() async throws {
        let server = try await PrivateRedis.start()
        try await withClient(server) { client in
            let subscription = try await client.subscribe(to: ["news"])
            var iterator = subscription.makeAsyncIterator()
            try await server.restart()
            #expect(await iterator.next() == .resubscribed)
            await expectEventually { (try? await client.send(RedisCommand("PUBLISH", "news", "back")).integer()) == 1 }
            #expect(await iterator.next() == .message(channel: "news", payload: Array("back".utf8)))
        }
    }

    @Test func `tells a slow reader how much it missed`() async {
        let mailbox = SubscriptionMailbox(capacity: 2)
        let messages = (1...5).map { RedisSubscription.Element.message(channel: "news", payload: [$0]) }
        for message in messages { mailbox.put(message) }
        #expect(await mailbox.next() == .dropped(3))
        #expect(await mailbox.next() == messages[3])
        mailbox.finish()
        mailbox.put(messages[0])
        #expect(await mailbox.next() == messages[4])
        #expect(await mailbox.next() == nil)
    }

    @Test func `ends with the task that reads it, and closes its connection`() async throws {
        let server = try await PrivateRedis.start()
        try await withClient(server) { client in
            let subscription = try await client.subscribe(to: ["news"])
            let task = Task {
                var count = 0
                for await _ in subscription { count += 1 }
                return count
            }
            #expect(try await client.send(RedisCommand("PUBLISH", "news", "x")).integer() == 1)
            task.cancel()
            _ = await task.value
            await expectEventually { (try? await client.send(RedisCommand("PUBLISH", "news", "x")).integer()) == 0 }
        }
    }

    @Test func `fails at once where there is no Redis`() async throws {
        let server = try await PrivateRedis.start()
        try await withClient(server) { client in
            await server.kill()
            await expectError(.connectionFailed) { try await client.subscribe(to: ["news"]) }
            await expectError(.invalidConfiguration) { try await client.subscribe(to: []) }
        }
    }
}
