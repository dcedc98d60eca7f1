import Foundation
import Redis
import TestServers
import Testing

@Suite struct `A client` {
    @Test func `carries any bytes`() async throws {
        try await withClient { client in
            let value = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
            _ = try await client.send(RedisCommand("SET", "client:bytes", RedisArgument(bytes: value)))
            #expect(try await client.send(RedisCommand("GET", "client:bytes")).bytes() == value)
            #expect(try await client.send(RedisCommand("GET", "client:nothing")) == .null)
        }
    }

    @Test func `sends 10,000 commands in one pipeline and keeps their order`() async throws {
        try await withClient { client in
            let commands = (0..<10_000).map { RedisCommand("ECHO", RedisArgument($0)) }
            let replies = try await client.pipeline(commands)
            #expect(try replies.map { try $0.get().integer() } == Array(0..<10_000))
            #expect(try await client.pipeline([]).isEmpty)
        }
    }

    @Test func `writes a pipeline at once, so that nobody gets in between`() async throws {
        try await withClient { client in
            _ = try await client.send(RedisCommand("DEL", "client:turns"))
            try await withThrowingTaskGroup(of: [Int64].self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        let commands = Array(repeating: RedisCommand("INCR", "client:turns"), count: 50)
                        return try await client.pipeline(commands).map { try $0.get().integer() }
                    }
                }
                for try await numbers in group {
                    #expect(numbers == Array((numbers.first ?? 0)..<((numbers.first ?? 0) + 50)))
                }
            }
        }
    }

    @Test func `gives each of many tasks its own reply`() async throws {
        try await withClient { client in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<2000 {
                    group.addTask {
                        try await client.send(RedisCommand("ECHO", RedisArgument(number))).integer() == Int64(number)
                    }
                }
                for try await isOwn in group { #expect(isOwn) }
            }
        }
    }

    @Test func `throws an error reply with the command that caused it`() async throws {
        try await withClient { client in
            _ = try await client.send(RedisCommand("SET", "client:text", "text"))
            let outcome = await error { try await client.send(RedisCommand("LPUSH", "client:text", "x")) }
            let refusal = try #require(outcome)
            #expect(refusal.code == .replyError)
            #expect(refusal.replyCode == "WRONGTYPE")
            #expect(refusal.command == "LPUSH client:text x")
            #expect("\(refusal)".contains("LPUSH client:text x") && "\(refusal)".contains("WRONGTYPE"))
            #expect(!refusal.isConnectionLoss)
        }
    }

    @Test func `reports a pipeline's refusals one by one`() async throws {
        try await withClient { client in
            let results = try await client.pipeline([
                RedisCommand("SET", "client:word", "word"), RedisCommand("INCR", "client:word"),
                RedisCommand("GET", "client:word"),
            ])
            #expect(try results[0].get() == .status("OK"))
            #expect(throws: RedisError.self) { try results[1].get() }
            #expect(try results[2].get().string() == "word")
        }
    }

    @Test func `names what it expected of a reply`() async throws {
        try await withClient { client in
            let reply = try await client.send(RedisCommand("ECHO", "words"))
            let mismatch = #expect(throws: RedisError.self) { try reply.integer() }
            #expect(mismatch?.code == .unexpectedReply)
            #expect(mismatch?.message == "expected an integer, got 5 bytes (words)")
        }
    }

    @Test func `uses the database it was told to`() async throws {
        try await withClient(database: 3) { three in
            _ = try await three.send(RedisCommand("SET", "client:database", 3))
            try await withClient { zero in
                let reply = try await zero.send(RedisCommand("GET", "client:database"))
                #expect(reply == .null)
            }
            #expect(try await three.send(RedisCommand("GET", "client:database")).integer() == 3)
        }
    }

    @Test(arguments: [
        RedisCommand("BLPOP", "list", 1), RedisCommand("XREAD", "BLOCK", 0, "STREAMS", "s", "$"),
        RedisCommand("subscribe", "news"), RedisCommand("SELECT", 1), RedisCommand("CLIENT", "REPLY", "OFF"),
    ])
    func `refuses what would disturb those who share it`(command: RedisCommand) async throws {
        try await withClient { client in
            await expectError(.invalidConfiguration) { try await client.send(command) }
            await expectError(.invalidConfiguration) { try await client.pipeline([RedisCommand("PING"), command]) }
            let reply = try await client.send(RedisCommand("PING"))
            #expect(reply == .status("PONG"))
        }
    }

    @Test func `says that it was closed`() async throws {
        try await withClient { client in
            _ = try await client.send(RedisCommand("PING"))
            await client.close()
            let refusal = await error { try await client.send(RedisCommand("PING")) }
            #expect(refusal?.code == .clientClosed && refusal?.mayHaveRun == false)
        }
    }

    @Test func `lets go of its connection when nobody holds it`() async throws {
        try await withClient { observer in
            let server = try await PrivateRedis.shared()
            let name = "forgotten-client"
            do {
                let configuration = RedisConfiguration(
                    address: .unixSocket(path: server.socketPath), clientName: name)
                let client = RedisClient(configuration: configuration, logger: silent)
                #expect(try await client.send(RedisCommand("CLIENT", "LIST")).string().contains("name=\(name) "))
            }
            try await expectEventually {
                try await !observer.send(RedisCommand("CLIENT", "LIST")).string().contains("name=\(name) ")
            }
        }
    }
}

@Suite struct `A cancelled command` {
    @Test func `throws at once and leaves the shared connection good`() async throws {
        let server = try await PrivateRedis.start()
        try await withClient(server) { client in
            _ = try await client.send(RedisCommand("PING"))
            server.signal(SIGSTOP)
            let task = Task { await error { try await client.send(RedisCommand("ECHO", "dropped")) } }
            let companion = Task { try await client.send(RedisCommand("ECHO", "kept")).string() }
            task.cancel()
            // Redis is stopped: only the cancellation can have ended this wait.
            #expect(await task.value?.code == .cancelled)
            server.signal(SIGCONT)
            #expect(try await companion.value == "kept")
            #expect(try await client.send(RedisCommand("INFO", "clients")).string().contains("connected_clients:1\r\n"))
        }
    }

    @Test func `is never sent if it was cancelled before`() async throws {
        try await withClient { client in
            _ = try await client.send(RedisCommand("DEL", "client:never"))
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return await error { try await client.send(RedisCommand("SET", "client:never", 1)) }
            }
            let refusal = await task.value
            #expect(refusal?.code == .cancelled && refusal?.mayHaveRun == false)
            #expect(try await client.send(RedisCommand("EXISTS", "client:never")).integer() == 0)
        }
    }
}
