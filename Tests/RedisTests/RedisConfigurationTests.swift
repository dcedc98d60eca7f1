import Testing

@testable import Redis

@Suite struct `A Redis URL` {
    @Test func `names host, port, user, password and database`() throws {
        let configuration = try RedisConfiguration(url: "redis://joe:p%40ss:w@example.org:6380/3")
        #expect(configuration.address == .tcp(host: "example.org", port: 6380))
        #expect(configuration.username == "joe")
        #expect(configuration.password == RedisSecret("p@ss:w"))
        #expect(configuration.database == 3)
        #expect(configuration.tls == nil)
    }

    @Test func `leaves out what is as Redis has it`() throws {
        let configuration = try RedisConfiguration(url: "redis://")
        #expect(configuration.address == .tcp(host: "127.0.0.1", port: 6379))
        #expect(configuration.username == nil && configuration.password == nil && configuration.database == 0)
    }

    @Test func `may have a password without a user`() throws {
        let configuration = try RedisConfiguration(url: "redis://:a@b@host")
        #expect(configuration.password == RedisSecret("a@b"))
        #expect(configuration.address == .tcp(host: "host", port: 6379))
    }

    @Test func `asks for TLS by its scheme`() throws {
        let configuration = try RedisConfiguration(url: "REDISS://[::1]:7000")
        #expect(configuration.tls == RedisConfiguration.TLS())
        #expect(configuration.address == .tcp(host: "::1", port: 7000))
    }

    @Test func `may be a socket's path`() throws {
        let configuration = try RedisConfiguration(url: "unix:///run/my%20redis.sock?db=1")
        #expect(configuration.address == .unixSocket(path: "/run/my redis.sock"))
        #expect(configuration.database == 1)
    }

    @Test func `may be a cluster's`() throws {
        let configuration = try RedisConfiguration(url: "redis+cluster://joe:a,b@one,two:7001,[::1]:7002/0")
        #expect(
            configuration.clusterSeeds
                == [.tcp(host: "one", port: 6379), .tcp(host: "two", port: 7001), .tcp(host: "::1", port: 7002)])
        #expect(configuration.password == RedisSecret("a,b") && configuration.tls == nil)
        #expect(try RedisConfiguration(url: "rediss+cluster://one").tls == RedisConfiguration.TLS())
        #expect(try RedisConfiguration(url: "redis://one").clusterSeeds == nil)
    }

    @Test(arguments: [
        "redis://:hunter2@one,two", "redis+cluster://:hunter2@one/1", "redis+cluster://:hunter2@one,two:x",
        "redis+cluster://:hunter2@one?db=1",
        "", "host:6379", "http://:hunter2@host", "redis://:hunter2@host:port", "redis://:hunter2@host:0",
        "redis://:hunter2@host/x", "redis://:hunter2@host/-1", "redis://hunter2@host", "redis://u:hunter2%@host",
        "redis://u:hunter2%zz@host", "unix://:hunter2@relative", "unix:///s?timeout=hunter2", "redis://:hunter2@[::1",
        "redis://:hunter2@[::1]x", "redis://u:hunter2%ff@host",
    ])
    func `that is wrong says so without repeating itself`(url: String) {
        let error = #expect(throws: RedisError.self) { try RedisConfiguration(url: url) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error.map { "\($0)".contains("hunter2") } == false)
    }
}

@Suite struct `A secret` {
    @Test func `never appears in words`() {
        var configuration = RedisConfiguration(password: RedisSecret("hunter2"))
        configuration.username = "joe"
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(!dumped.contains("hunter2"))
        #expect(!"\(configuration) \(String(reflecting: configuration))".contains("hunter2"))
    }
}

@Suite struct `Backoff` {
    /// The same sequence in every run (SplitMix64).
    private struct Repeatable: RandomNumberGenerator {
        var state: UInt64 = 0

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    @Test(arguments: [(0, 50), (1, 100), (5, 1600), (6, 2000), (10_000, 2000)])
    func `spreads over a range that doubles up to its cap`(failures: Int, longest: Int) throws {
        let backoff = RedisBackoff(base: .milliseconds(50), cap: .seconds(2))
        var random = Repeatable()
        let delays = (0..<1000).map { _ in backoff.delay(after: failures, using: &random) }
        let longest = Duration.milliseconds(longest)
        #expect(delays.allSatisfy { $0 >= .zero && $0 <= longest })
        #expect(try #require(delays.min()) < longest * 0.05)
        #expect(try #require(delays.max()) > longest * 0.95)
    }
}
