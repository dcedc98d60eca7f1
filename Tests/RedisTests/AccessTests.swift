import Redis
import TestServers
import Testing

@Suite struct `Access to Redis` {
    @Test func `is granted to an ACL user by its password`() async throws {
        var options = PrivateRedis.Options()
        options.users = ["user default off", "user worker on >s%3Acret ~* &* +@all"]
        let server = try await PrivateRedis.start(options)
        let client = RedisClient(
            configuration: try RedisConfiguration(url: "unix://worker:s%253Acret@\(server.socketPath)"), logger: silent)
        #expect(try await client.send(RedisCommand("ACL", "WHOAMI")).string() == "worker")
        let connection = try await client.makeBlockingConnection()
        #expect(try await connection.send(RedisCommand("ACL", "WHOAMI")).string() == "worker")
        await connection.close()
        await client.close()
    }

    @Test func `needs no right to PING`() async throws {
        var options = PrivateRedis.Options()
        options.users = ["user default on nopass ~* +@all", "user reader on >secret ~* +get"]
        let server = try await PrivateRedis.start(options)
        try await withClient(server) {
            $0.username = "reader"
            $0.password = RedisSecret("secret")
        } _: { client in
            let reply = try await client.send(RedisCommand("GET", "nothing"))
            #expect(reply == .null)
            await expectRefusal("NOPERM") { try await client.send(RedisCommand("SET", "k", 1)) }
        }
    }

    @Test func `is refused at once to a wrong password, which is not repeated`() async throws {
        var options = PrivateRedis.Options()
        options.settings = [("requirepass", "right")]
        let server = try await PrivateRedis.start(options)
        let record = LogRecord()
        var configuration = RedisConfiguration(
            address: .unixSocket(path: server.socketPath), password: RedisSecret("hunter2"),
            connectTimeout: .seconds(600), commandTimeout: .seconds(600))
        let wrong = RedisClient(configuration: configuration, logger: record.logger)
        let outcome = await error { try await wrong.send(RedisCommand("PING")) }
        let refusal = try #require(outcome)
        #expect(refusal.code == .authenticationFailed && !refusal.mayHaveRun)
        #expect("\(refusal)".contains("WRONGPASS") && !"\(refusal)".contains("hunter2"))
        #expect(record.text.contains("WRONGPASS") && !record.text.contains("hunter2"))
        await wrong.close()

        configuration.password = nil
        let none = RedisClient(configuration: configuration, logger: silent)
        await expectError(.authenticationFailed) { try await none.send(RedisCommand("PING")) }
        await expectError(.authenticationFailed) { try await none.makeBlockingConnection() }
        await none.close()

        configuration.password = RedisSecret("right")
        let right = RedisClient(configuration: configuration, logger: silent)
        #expect(try await right.send(RedisCommand("PING")) == .status("PONG"))
        await right.close()
    }

    @Test func `to a database that doesn't exist is refused at once`() async throws {
        try await withClient(database: 64) { client in
            await expectError(.invalidConfiguration) { try await client.send(RedisCommand("PING")) }
        }
    }

    @Test func `works over TCP`() async throws {
        var options = PrivateRedis.Options()
        options.tcp = true
        let server = try await PrivateRedis.start(options)
        let port = try #require(server.port)
        let client = RedisClient(
            configuration: try RedisConfiguration(url: "redis://127.0.0.1:\(port)/2"), logger: silent)
        let replies = try await client.pipeline((0..<1000).map { RedisCommand("ECHO", RedisArgument($0)) })
        #expect(try replies.map { try $0.get().integer() } == Array(0..<1000))
        await client.close()
    }
}

@Suite(.serialized) struct `TLS` {
    private func server() async throws -> PrivateRedis {
        var options = PrivateRedis.Options()
        options.tls = true
        return try await PrivateRedis.start(options)
    }

    private func client(_ server: PrivateRedis, host: String, _ tls: RedisConfiguration.TLS) throws -> RedisClient {
        let address = RedisConfiguration.Address.tcp(host: host, port: try #require(server.tlsPort))
        return RedisClient(
            configuration: RedisConfiguration(address: address, tls: tls, connectTimeout: .seconds(30)), logger: silent)
    }

    @Test func `carries commands to a server it can trust`() async throws {
        let server = try await server()
        let client = try client(server, host: "localhost", .init(caFile: server.caFile))
        let value = [UInt8](repeating: 7, count: 300_000)
        _ = try await client.send(RedisCommand("SET", "k", RedisArgument(bytes: value)))
        #expect(try await client.send(RedisCommand("GET", "k")).bytes() == value)
        try await server.restart()
        await expectEventually { (try? await client.send(RedisCommand("PING"))) == .status("PONG") }
        await client.close()
    }

    @Test func `refuses a certificate of an unknown authority`() async throws {
        let server = try await server()
        let client = try client(server, host: "localhost", .init())
        let refusal = await error { try await client.makeBlockingConnection() }
        #expect(refusal?.code == .connectionFailed)
        #expect(refusal?.message.contains("CERTIFICATE_VERIFY_FAILED") == true, "\(String(describing: refusal))")
        await client.close()
    }

    @Test func `refuses a certificate for another host, unless told not to look`() async throws {
        let server = try await server()
        let strict = try client(server, host: "127.0.0.1", .init(caFile: server.caFile))
        await expectError(.connectionFailed) { try await strict.makeBlockingConnection() }
        await strict.close()
        let lenient = try client(server, host: "127.0.0.1", .init(caFile: server.caFile, verifiesHostname: false))
        #expect(try await lenient.send(RedisCommand("PING")) == .status("PONG"))
        await lenient.close()
    }

    @Test func `says so if its files can't be read`() async throws {
        let server = try await server()
        let client = try client(server, host: "localhost", .init(caFile: "/nonexistent/ca.pem"))
        let refusal = await error { try await client.send(RedisCommand("PING")) }
        #expect(refusal?.code == .invalidConfiguration)
        await client.close()
    }
}
