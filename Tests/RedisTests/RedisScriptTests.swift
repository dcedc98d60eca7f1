import Redis
import TestServers
import Testing

@Suite struct `A script` {
    private let double = RedisScript(name: "double", source: Array("return tonumber(ARGV[1]) * 2".utf8))

    @Test func `is named as Redis names it`() async throws {
        try await withClient { client in
            let name = try await client.send(RedisCommand("SCRIPT", "LOAD", "return tonumber(ARGV[1]) * 2")).string()
            #expect(double.sha1 == name)
        }
    }

    @Test func `is loaded again when Redis has forgotten it`() async throws {
        let server = try await PrivateRedis.start()
        try await withClient(server) { client in
            #expect(try await client.run(double, keys: [], arguments: [4]).integer() == 8)
            _ = try await client.send(RedisCommand("SCRIPT", "FLUSH"))
            #expect(try await client.run(double, keys: [], arguments: [5]).integer() == 10)
            try await server.restart()
            await expectEventually { (try? await client.run(double, keys: [], arguments: [6]).integer()) == 12 }
        }
    }

    @Test func `runs many batches in one write, each with its own outcome`() async throws {
        let server = try await PrivateRedis.start()
        let script = RedisScript(
            name: "set", source: Array("redis.call('SET', KEYS[1], ARGV[1]) return redis.call('INCR', KEYS[1])".utf8))
        try await withClient(server) { client in
            // Unknown to this server: every batch is refused first and sent again.
            let results = try await client.run(
                script, batches: [(["{s}:1"], [1]), (["{s}:2"], ["word"]), (["{s}:3"], [3])])
            #expect(try results[0].get().integer() == 2)
            let refusal = #expect(throws: RedisError.self) { try results[1].get() }
            #expect(refusal?.command == "EVALSHA set 1 {s}:2 word")
            #expect(try results[2].get().integer() == 4)
            let many = (0..<2000).map { (keys: [RedisArgument("{s}:\($0)")], arguments: [RedisArgument($0)]) }
            #expect(try await client.run(script, batches: many).map { try $0.get().integer() } == Array(1...2000))
            #expect(try await client.run(script, batches: []).isEmpty)
        }
    }

    @Test func `runs on a dedicated connection too`() async throws {
        try await withClient { client in
            let connection = try await client.makeBlockingConnection()
            #expect(try await connection.run(double, keys: [], arguments: [21]).integer() == 42)
            await connection.close()
        }
    }
}
