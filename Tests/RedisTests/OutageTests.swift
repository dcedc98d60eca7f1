import Foundation
import Redis
import TestServers
import Testing

@Suite struct `Losing Redis` {
    @Test func `by kill -9 costs what was in flight, and nothing afterwards`() async throws {
        var options = PrivateRedis.Options()
        options.settings = [("busy-reply-threshold", "10")]
        let server = try await PrivateRedis.start(options)
        try await withClient(server) { observer in
            _ = try await observer.send(RedisCommand("PING"))
            try await withClient(server) { client in
                let inFlight = Task {
                    await error { try await client.send(RedisCommand("EVAL", "while true do end", 0)) }
                }
                await expectEventually {
                    await error { try await observer.send(RedisCommand("PING")) }?.replyCode == "BUSY"
                }
                await server.kill()
                let loss = await inFlight.value
                #expect(loss?.code == .connectionClosed && loss?.mayHaveRun == true && loss?.isConnectionLoss == true)
                // Issued while there is no server, never written, so it waits for the next connection.
                let waiting = Task { try await client.send(RedisCommand("INCR", "counter")).integer() }
                try await server.restart()
                #expect(try await waiting.value == 1)
            }
        }
    }

    @Test func `keeps what the append-only file kept`() async throws {
        var options = PrivateRedis.Options()
        options.appendOnly = true
        let server = try await PrivateRedis.start(options)
        try await withClient(server) { client in
            _ = try await client.send(RedisCommand("SET", "kept", 1))
            try await server.restart()
            await expectEventually { (try? await client.send(RedisCommand("GET", "kept")).integer()) == 1 }
        }
    }

    @Test func `fails commands fast once it has lasted too long, and ends by itself`() async throws {
        let server = try await PrivateRedis.start()
        try await withClient(server) {
            $0.connectTimeout = .milliseconds(200)
        } _: { client in
            _ = try await client.send(RedisCommand("PING"))
            await server.kill()
            await expectEventually {
                await error { try await client.send(RedisCommand("PING")) }?.code == .connectionFailed
            }
            let refusal = await error { try await client.send(RedisCommand("SET", "k", 1)) }
            #expect(refusal?.code == .connectionFailed && refusal?.mayHaveRun == false)
            #expect(refusal?.command == "SET k 1")
            #expect(refusal?.message.contains(server.socketPath) == true)
            try await server.restart()
            await expectEventually { (try? await client.send(RedisCommand("PING"))) == .status("PONG") }
        }
    }

    @Test func `that was never there is told with its address`() async throws {
        let configuration = RedisConfiguration(
            address: .tcp(host: "127.0.0.1", port: 1), connectTimeout: .milliseconds(100))
        let client = RedisClient(configuration: configuration, logger: silent)
        let refusal = await error { try await client.send(RedisCommand("PING")) }
        #expect(refusal?.code == .connectionFailed)
        #expect(refusal?.message.contains("127.0.0.1:1") == true)
        await client.close()
    }

    @Test func `to a hang is a time-out, after which the connection is a new one`() async throws {
        let server = try await PrivateRedis.start()
        try await withClient(server) {
            $0.commandTimeout = .seconds(2)
        } _: { client in
            let before = try await client.send(RedisCommand("CLIENT", "ID")).integer()
            server.signal(SIGSTOP)
            let timeout = await error { try await client.send(RedisCommand("INCR", "counter")) }
            #expect(timeout?.code == .timedOut && timeout?.mayHaveRun == true && timeout?.isConnectionLoss == true)
            server.signal(SIGCONT)
            await expectEventually {
                (try? await client.send(RedisCommand("CLIENT", "ID")).integer()).map { $0 > before } == true
            }
        }
    }

    @Test func `to loading counts as not there yet`() async throws {
        var options = PrivateRedis.Options()
        options.appendOnly = true
        // So that the second start takes a second or more, and Redis looks at its clients every 1,024 keys meanwhile.
        options.settings = [("key-load-delay", "100"), ("loading-process-events-interval-bytes", "1024")]
        let server = try await PrivateRedis.start(options)
        let client = RedisClient(
            configuration: RedisConfiguration(
                address: .unixSocket(path: server.socketPath),
                backoff: RedisBackoff(base: .milliseconds(5), cap: .milliseconds(20))), logger: silent)
        _ = try await client.pipeline((0..<10_000).map { RedisCommand("SET", RedisArgument("key:\($0)"), "value") })
        try await server.restartWithoutWaiting()
        let isBack = await eventually {
            do throws(RedisError) {
                return try await client.send(RedisCommand("DBSIZE")) == .integer(10_000)
            } catch {
                #expect(error.replyCode == nil)
                return false
            }
        }
        #expect(isBack)
        await client.close()
    }

    @Test func `to loading is told as such`() async throws {
        let loading = try await Impostor.start(answers: "-LOADING Redis is loading the dataset in memory\r\n")
        let configuration = RedisConfiguration(
            address: .tcp(host: "127.0.0.1", port: loading.port), connectTimeout: .seconds(30))
        let client = RedisClient(configuration: configuration, logger: silent)
        let refusal = await error { try await client.makeBlockingConnection() }
        #expect(refusal?.code == .connectionFailed && refusal?.isConnectionLoss == true)
        #expect(refusal?.message.contains("LOADING") == true)
        await client.close()
        await loading.stop()
    }

    @Test func `to something that doesn't speak its language is a protocol error`() async throws {
        let impostor = try await Impostor.start(answers: "HTTP/1.1 400 Bad Request\r\n\r\n")
        let configuration = RedisConfiguration(
            address: .tcp(host: "127.0.0.1", port: impostor.port), connectTimeout: .seconds(30))
        let client = RedisClient(configuration: configuration, logger: silent)
        let refusal = await error { try await client.makeBlockingConnection() }
        #expect(refusal?.code == .connectionFailed)
        #expect(refusal.map { "\($0)" }?.contains("be understood") == true, "\(String(describing: refusal))")
        await client.close()
        await impostor.stop()
    }
}
