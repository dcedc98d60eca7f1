import Redis
import TestServers
import Testing

@Suite struct `A dedicated connection` {
    @Test func `waits for what others add`() async throws {
        try await withClient { client in
            _ = try await client.send(RedisCommand("DEL", "dedicated:list"))
            let connection = try await client.makeBlockingConnection()
            async let popped = connection.send(RedisCommand("BLPOP", "dedicated:list", 10))
            _ = try await client.send(RedisCommand("RPUSH", "dedicated:list", "x"))
            #expect(try await popped == .array([.bytes(Array("dedicated:list".utf8)), .bytes([UInt8(ascii: "x")])]))
            await connection.close()
        }
    }

    @Test func `outlasts the command time-out while it blocks`() async throws {
        try await withClient { observer in
            _ = try await observer.send(RedisCommand("DEL", "dedicated:late"))
            try await withClient {
                $0.commandTimeout = .milliseconds(200)
            } _: { client in
                let connection = try await client.makeBlockingConnection()
                let blocked = Task { try await connection.send(RedisCommand("BLPOP", "dedicated:late", 0)) }
                // Redis itself is the clock that lets the command time-out pass.
                let clock = try await observer.makeBlockingConnection()
                _ = try await clock.send(RedisCommand("BLPOP", "dedicated:nothing", 1))
                _ = try await observer.send(RedisCommand("RPUSH", "dedicated:late", "x"))
                let popped = try await blocked.value
                #expect(try popped.array().count == 2)
                await clock.close()
                await connection.close()
            }
        }
    }

    @Test func `refuses a time-out that could lose a delivery`() async throws {
        try await withClient { client in
            let connection = try await client.makeBlockingConnection()
            let command = RedisCommand("XREAD", "BLOCK", 1000, "STREAMS", "dedicated:stream", "$")
            let refusal = await error { try await connection.send(command, timeout: .milliseconds(1000)) }
            #expect(refusal?.code == .invalidConfiguration)
            let forever = RedisCommand("BLPOP", "dedicated:nothing", 0)
            await expectError(.invalidConfiguration) { try await connection.send(forever, timeout: .seconds(60)) }
            #expect(try await connection.send(RedisCommand("PING"), timeout: .seconds(60)) == .status("PONG"))
            await connection.close()
        }
    }

    @Test func `is closed by cancelling what blocks on it`() async throws {
        try await withClient(try await PrivateRedis.start()) { client in
            let connection = try await client.makeBlockingConnection()
            let task = Task { await error { try await connection.send(RedisCommand("BLPOP", "nothing", 0)) } }
            try await expectEventually {
                try await client.send(RedisCommand("INFO", "clients")).string().contains("blocked_clients:1\r\n")
            }
            task.cancel()
            #expect(await task.value?.code == .cancelled)
            try await expectEventually {
                try await client.send(RedisCommand("INFO", "clients")).string().contains("blocked_clients:0\r\n")
            }
            await expectError(.clientClosed) { try await connection.send(RedisCommand("PING")) }
            #expect(!connection.isOpen)
        }
    }

    @Test func `tells what it waited for when its owner closes it`() async throws {
        try await withClient(try await PrivateRedis.start()) { client in
            let connection = try await client.makeBlockingConnection()
            let task = Task { await error { try await connection.send(RedisCommand("BLPOP", "nothing", 0)) } }
            try await expectEventually {
                try await client.send(RedisCommand("INFO", "clients")).string().contains("blocked_clients:1\r\n")
            }
            await connection.close()
            #expect(await task.value?.code == .clientClosed)
        }
    }

    @Test func `throws when Redis dies under a blocked read`() async throws {
        let server = try await PrivateRedis.start()
        try await withClient(server) { client in
            let connection = try await client.makeBlockingConnection()
            let task = Task { await error { try await connection.send(RedisCommand("BLPOP", "nothing", 0)) } }
            try await expectEventually {
                try await client.send(RedisCommand("INFO", "clients")).string().contains("blocked_clients:1\r\n")
            }
            await server.kill()
            let loss = await task.value
            #expect(loss?.code == .connectionClosed && loss?.isConnectionLoss == true && loss?.mayHaveRun == true)
            await expectError(.connectionFailed) { try await client.makeBlockingConnection() }
        }
    }
}
