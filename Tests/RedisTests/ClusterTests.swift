import Foundation
import TestServers
import Testing

@testable import Redis

/// A client of a cluster of the test's own.
private func withClusterClient<Value>(
    _ cluster: PrivateRedisCluster, _ change: (inout RedisConfiguration) -> Void = { _ in },
    isolation: isolated (any Actor)? = #isolation, _ body: (RedisClient) async throws -> Value
) async throws -> Value {
    var configuration = try RedisConfiguration(url: cluster.url)
    configuration.backoff = RedisBackoff(base: .milliseconds(5), cap: .milliseconds(20))
    // A failover takes a second or two, and longer on a busy machine.
    configuration.connectTimeout = .seconds(40)
    configuration.commandTimeout = .seconds(60)
    change(&configuration)
    let client = RedisClient(configuration: configuration, logger: silent)
    do {
        let value = try await body(client)
        await client.close()
        return value
    } catch {
        await client.close()
        throw error
    }
}

@Suite struct `A Redis Cluster` {
    /// One for the tests that kill nobody.
    private static let shared = Task { try await PrivateRedisCluster.start() }

    @Test func `spreads keys over its primaries, and a pipeline finds them all`() async throws {
        let cluster = try await Self.shared.value
        try await withClusterClient(cluster) { client in
            let sets = (0..<300).map { RedisCommand("SET", RedisArgument("key:\($0)"), RedisArgument($0)) }
            for result in try await client.pipeline(sets) { #expect(try result.get() == .status("OK")) }
            let gets = (0..<300).map { RedisCommand("GET", RedisArgument("key:\($0)")) }
            #expect(try await client.pipeline(gets).map { try $0.get().integer() } == Array(0..<300))
            let sizes = try await client.sendToEveryPrimary(RedisCommand("DBSIZE")).map { try $0.reply.integer() }
            #expect(sizes.count == 3 && sizes.allSatisfy { $0 > 50 })
            #expect(try await client.send(RedisCommand("PING")) == .status("PONG"))
        }
    }

    @Test func `refuses what it can't do before it sends it`() async throws {
        let cluster = try await Self.shared.value
        try await withClusterClient(cluster) { client in
            for command in [
                RedisCommand("MGET", "a", "b"), RedisCommand("EVAL", "return 1", 2, "{x}:1", "{y}:1"),
                RedisCommand("MULTI"), RedisCommand("FLUSHALL"), RedisCommand("SCAN", 0),
            ] {
                let refusal = await error { try await client.send(command) }
                #expect(refusal?.code == .invalidConfiguration && refusal?.mayHaveRun == false, "\(command.name)")
            }
            let refusal = await error { try await client.send(RedisCommand("MGET", "a", "b")) }
            #expect(refusal?.message.contains("hash tag") == true)
            let both = try await client.send(RedisCommand("MGET", "{t}a", "{t}b"))
            #expect(both == .array([.null, .null]))
        }
    }

    @Test func `runs scripts by their hash on every server, loading each where it is unknown`() async throws {
        let script = RedisScript(
            name: "count", source: Array("redis.call('INCR', KEYS[1]) return redis.call('INCR', KEYS[1])".utf8))
        let cluster = try await Self.shared.value
        try await withClusterClient(cluster) { client in
            let batches = (0..<60).map { (keys: [RedisArgument("count:\($0)")], arguments: [RedisArgument]()) }
            let results = try await client.run(script, batches: batches)
            #expect(try results.map { try $0.get().integer() } == Array(repeating: 2, count: 60))
            let again = try await client.run(script, keys: ["count:0"])
            #expect(try again.integer() == 4)
        }
    }

    @Test func `brings what is published anywhere`() async throws {
        let cluster = try await Self.shared.value
        try await withClusterClient(cluster) { client in
            let subscription = try await client.subscribe(to: ["news"])
            for node in cluster.nodes.prefix(3) { try await cluster.ask(node, ["PUBLISH", "news", "\(node.port)"]) }
            var iterator = subscription.makeAsyncIterator()
            var heard: Set<RedisSubscription.Element?> = []
            for _ in 0..<3 { heard.insert(await iterator.next()) }
            #expect(
                heard
                    == Set(cluster.nodes.prefix(3).map { .message(channel: "news", payload: Array("\($0.port)".utf8)) })
            )
        }
    }

    @Test func `is followed when a slot moves`() async throws {
        let cluster = try await PrivateRedisCluster.start()
        try await withClusterClient(cluster) { client in
            let keys = ["{moving}:there", "{moving}:here", "{moving}:new"]
            _ = try await client.send(RedisCommand("SET", RedisArgument(keys[0]), 1))
            let source = try await cluster.primary(of: keys[0])
            let target = try #require(cluster.nodes.prefix(3).first { $0 != source })
            try await cluster.beginMoving(keys[0], to: target)
            try await cluster.moveKeys(of: keys[0], to: target)
            // ASK: what has moved, and what is new, is with the target, though the slot is still the source's.
            #expect(try await client.send(RedisCommand("GET", RedisArgument(keys[0]))).integer() == 1)
            #expect(try await client.send(RedisCommand("INCR", RedisArgument(keys[2]))).integer() == 1)
            let both = try await client.pipeline(keys.map { RedisCommand("INCR", RedisArgument($0)) })
            #expect(try both.map { try $0.get().integer() } == [2, 1, 2])
            let connection = try await client.makeBlockingConnection(for: keys[0])
            // MOVED: the client's map is out of date, and mended.
            try await cluster.endMoving(keys[0], to: target)
            #expect(try await client.send(RedisCommand("GET", RedisArgument(keys[0]))).integer() == 2)
            #expect(
                try await client.pipeline(keys.map { RedisCommand("INCR", RedisArgument($0)) }).map {
                    try $0.get().integer()
                } == [3, 2, 3])
            await expectRefusal("MOVED") { try await connection.send(RedisCommand("GET", RedisArgument(keys[0]))) }
            await connection.close()
            let follower = try await client.makeBlockingConnection(for: keys[0])
            #expect(try await follower.send(RedisCommand("GET", RedisArgument(keys[0]))).integer() == 3)
            await follower.close()
        }
    }

    @Test func `is waited for while a slot's keys are in two places, and no longer than allowed`() async throws {
        let cluster = try await PrivateRedisCluster.start()
        try await withClusterClient(cluster) { client in
            _ = try await client.send(RedisCommand("MSET", "{torn}:1", 1, "{torn}:2", 2))
            let source = try await cluster.primary(of: "{torn}")
            let target = try #require(cluster.nodes.prefix(3).first { $0 != source })
            try await cluster.beginMoving("{torn}", to: target)
            try await cluster.ask(source, ["MIGRATE", "127.0.0.1", "\(target.port)", "{torn}:1", "0", "5000"])
            try await withClusterClient(cluster) {
                $0.connectTimeout = .milliseconds(300)
            } _: { hasty in
                await expectRefusal("TRYAGAIN") { try await hasty.send(RedisCommand("MGET", "{torn}:1", "{torn}:2")) }
            }
            let waiting = Task { try await client.send(RedisCommand("MGET", "{torn}:1", "{torn}:2")) }
            try await cluster.moveKeys(of: "{torn}", to: target)
            try await cluster.endMoving("{torn}", to: target)
            #expect(try await waiting.value == .array([.bytes([0x31]), .bytes([0x32])]))
        }
    }

    @Test func `outlives its primaries`() async throws {
        let cluster = try await PrivateRedisCluster.start()
        try await withClusterClient(cluster) { client in
            let keys = (0..<60).map { RedisArgument("key:\($0)") }
            _ = try await client.pipeline(keys.map { RedisCommand("SET", $0, 1) })
            let subscription = try await client.subscribe(to: ["news"])
            let listener = Task {
                var iterator = subscription.makeAsyncIterator()
                while let element = await iterator.next() {
                    if case .message(_, let payload) = element, payload == Array("over".utf8) { return true }
                }
                return false
            }
            let primary = try await cluster.primary(of: "key:0")
            let blocked = try await client.makeBlockingConnection(for: "key:0")
            let loss = Task { await error { try await blocked.send(RedisCommand("BLPOP", "{key:0}list", 0)) } }
            await cluster.kill(primary)
            #expect(await loss.value?.code == .connectionClosed)
            // Nothing was in flight: what is asked now waits for the replica's promotion, and is done once.
            let replies = try await client.pipeline(keys.map { RedisCommand("INCR", $0) })
            let numbers = replies.map { try? $0.get().integer() }
            // A command that was on its way when the connection broke says so; the client is new, so it may know that late.
            #expect(numbers.allSatisfy { $0 == 2 || $0 == nil })
            #expect(numbers.filter { $0 == 2 }.count >= 30)
            try await cluster.untilServed("key:0", byOtherThan: primary)
            #expect(try await client.send(RedisCommand("INCR", "key:0")).integer() >= 2)
            let again = try await client.makeBlockingConnection(for: "key:0")
            #expect(try await again.send(RedisCommand("GET", "key:0")).integer() >= 2)
            await again.close()
            // The dead one comes back as a replica, and is asked nothing that it doesn't have.
            try cluster.restart(primary)
            try await cluster.untilWhole()
            #expect(try await client.send(RedisCommand("INCR", "key:0")).integer() >= 3)
            // The subscription may have been the dead one's, and on its way back.
            let publishing = Task {
                while !Task.isCancelled { _ = try? await client.send(RedisCommand("PUBLISH", "news", "over")) }
            }
            #expect(await listener.value)
            publishing.cancel()
            await publishing.value
        }
    }

    @Test func `that demotes a primary on purpose costs nothing`() async throws {
        let cluster = try await PrivateRedisCluster.start()
        try await withClusterClient(cluster) { client in
            _ = try await client.send(RedisCommand("SET", "k", 0))
            let primary = try await cluster.primary(of: "k")
            let counting = Task {
                var count: Int64 = 0
                while !Task.isCancelled { count = try await client.send(RedisCommand("INCR", "k")).integer() }
                return count
            }
            for node in cluster.nodes.dropFirst(3) { try await cluster.ask(node, ["CLUSTER", "FAILOVER"]) }
            try await cluster.untilServed("k", byOtherThan: primary)
            counting.cancel()
            let outcome = await counting.result
            if case .failure(let error) = outcome { #expect((error as? RedisError)?.code == .cancelled, "\(error)") }
            #expect(try await client.send(RedisCommand("GET", "k")).integer() > 0)
        }
    }

    @Test func `may ask for a password`() async throws {
        var options = PrivateRedisCluster.Options()
        options.password = "hunter2"
        let cluster = try await PrivateRedisCluster.start(options)
        try await withClusterClient(cluster) { client in
            let reply = try await client.send(RedisCommand("SET", "k", 1))
            #expect(reply == .status("OK"))
        }
        try await withClusterClient(cluster) {
            $0.password = RedisSecret("hunter3")
        } _: { client in
            let refusal = await error { try await client.send(RedisCommand("SET", "k", 1)) }
            #expect(refusal?.code == .authenticationFailed)
            #expect(refusal.map { "\($0)".contains("hunter") } == false)
        }
    }

    @Test func `that is none says so`() async throws {
        var options = PrivateRedis.Options()
        options.tcp = true
        let server = try await PrivateRedis.start(options)
        let port = try #require(server.port)
        let client = RedisClient(
            configuration: RedisConfiguration(
                clusterSeeds: [.tcp(host: "127.0.0.1", port: port)], connectTimeout: .seconds(40)), logger: silent)
        let refusal = await error { try await client.send(RedisCommand("PING")) }
        #expect(refusal?.code == .invalidConfiguration && refusal?.message.contains("127.0.0.1:\(port)") == true)
        await client.close()
        await expectError(.clientClosed) { try await client.send(RedisCommand("PING")) }
    }

    @Test func `that is away is told, at once from the second time on`() async throws {
        let client = RedisClient(
            configuration: RedisConfiguration(
                clusterSeeds: [.tcp(host: "127.0.0.1", port: 1)], connectTimeout: .milliseconds(200)), logger: silent)
        for _ in 0..<2 {
            let refusal = await error { try await client.send(RedisCommand("GET", "k")) }
            #expect(refusal?.code == .connectionFailed && refusal?.message.contains("127.0.0.1:1") == true)
        }
        let waiting = Task { await error { try await client.send(RedisCommand("GET", "k")) } }
        waiting.cancel()
        #expect([.cancelled, .connectionFailed].contains(await waiting.value?.code))
        await client.close()
    }
}

@Suite struct `A hash slot` {
    // As CLUSTER KEYSLOT says; the first is the specification's own example.
    @Test(arguments: [("123456789", 12739), ("", 0), ("{}a", 10875), ("foo{}{bar}", 8363)])
    func `is the specification's`(key: String, slot: Int) {
        #expect(HashSlot(of: key).number == slot)
    }

    @Test func `is the tag's, where there is one`() {
        #expect(HashSlot(of: "{ytempire:3}:live") == HashSlot(of: "ytempire:3"))
        #expect(HashSlot(of: "a{b}c{d}") == HashSlot(of: "b"))
        #expect(HashSlot(of: "a{{b}}c") == HashSlot(of: "{b"))
        #expect(HashSlot(of: "a{b") != HashSlot(of: "b"))
    }

    @Test(arguments: [
        RedisCommand("XREADGROUP", "GROUP", "k", "c", "COUNT", 1, "STREAMS", "{k}1", "{k}2", ">", ">"),
        RedisCommand("XREAD", "BLOCK", 5, "STREAMS", "k", "$"), RedisCommand("XINFO", "STREAM", "k"),
        RedisCommand("EVALSHA", "f00", 2, "k", "{k}x", "other"), RedisCommand("BLPOP", "k", "{k}2", 0),
        RedisCommand("MSET", "k", "other", "{k}", "another"), RedisCommand("memory", "usage", "k"),
        RedisCommand("ZUNIONSTORE", "k", 1, "k"), RedisCommand("HSET", "k", "f", "v"),
        RedisCommand("PUBLISH", "k", "m"),
    ])
    func `of a command is its keys'`(command: RedisCommand) throws {
        #expect(try command.slot() == HashSlot(of: "k"))
    }

    @Test func `is none where a command has no key`() throws {
        #expect(try RedisCommand("PING").slot() == nil)
        #expect(try RedisCommand("EVAL", "return 1", 0, "k").slot() == nil)
        #expect(try RedisCommand("CLIENT", "SETNAME", "k").slot() == nil)
    }

    @Test func `is redirected where a server says`() {
        let origin = RedisConfiguration.Address.tcp(host: "10.0.0.1", port: 1)
        #expect(
            Redirection("MOVED 7 10.0.0.2:6380", from: origin)
                == HashSlot(number: 7).map { .moved($0, to: .tcp(host: "10.0.0.2", port: 6380)) })
        #expect(Redirection("ASK 7 :6380", from: origin) == .ask(.tcp(host: "10.0.0.1", port: 6380)))
        #expect(Redirection("ASK 7 ?:6380", from: origin) == .ask(.tcp(host: "10.0.0.1", port: 6380)))
        #expect(Redirection("ASK 7 ::1:6380", from: origin) == .ask(.tcp(host: "::1", port: 6380)))
        #expect(Redirection("TRYAGAIN Multiple keys", from: origin) == .later)
        #expect(Redirection("CLUSTERDOWN The cluster is down", from: origin) == .later)
        for message in ["ERR no", "MOVED x 1:2", "MOVED 16384 1:2", "MOVED 1", "ASK 1 host:port", ""] {
            #expect(Redirection(message, from: origin) == nil)
        }
    }

    @Test func `map is read from CLUSTER SLOTS`() throws {
        func server(_ host: RedisReply, _ port: Int64) -> RedisReply { .array([host, .integer(port), .bytes([1])]) }
        let origin = RedisConfiguration.Address.tcp(host: "10.0.0.1", port: 1)
        var map = try SlotMap(
            .array([
                .array([.integer(0), .integer(99), server(.bytes(Array("a".utf8)), 1), server(.null, 9)]),
                .array([.integer(200), .integer(16_383), server(.null, 2)]),
            ]), from: origin)
        let slots = try [0, 99, 100, 200].map { try #require(HashSlot(number: $0)) }
        #expect(
            slots.map { map.primary(of: $0) } == [
                .tcp(host: "a", port: 1), .tcp(host: "a", port: 1), nil, .tcp(host: "10.0.0.1", port: 2),
            ])
        map.move(slots[2], to: origin)
        #expect(map.primary(of: slots[2]) == origin && map.primaries.count == 3)
        #expect(throws: RedisError.self) {
            try SlotMap(.array([.array([.integer(0), .integer(16_384), server(.null, 2)])]), from: origin)
        }
        #expect(throws: RedisError.self) { try SlotMap(.status("OK"), from: origin) }
    }
}
