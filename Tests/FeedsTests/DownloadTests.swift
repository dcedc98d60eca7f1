import Feeds
import Foundation
import Testing

@Suite struct `A download` {
    private static let rss = Array(
        "<rss><channel><title>T</title><link>/</link><item><title>One</title><link>one</link></item></channel></rss>"
            .utf8)

    private func problem(_ server: LoopbackServer, _ path: String, limits: FeedReader.Limits = .init()) async throws
        -> FeedError.Problem
    {
        try await #require(throws: FeedError.self) {
            try await FeedReader(allowPrivateAddresses: true, limits: limits).read(server.url(path))
        }.problem
    }

    @Test func `follows redirects, and resolves links against where they end`() async throws {
        try await LoopbackServer.run { path in
            path == "/start"
                ? .reply(302, ["Location": "/blog/feed"], []) : .reply(200, ["Content-Type": "text/xml"], Self.rss)
        } _: { server async throws in
            let feed = try await FeedReader(allowPrivateAddresses: true).read(server.url("/start"))
            #expect(feed.items.map(\.link) == [server.url("/one")])
        }
    }

    @Test func `uses the server's encoding where the document names none`() async throws {
        let body = Array("<rss><channel><title>".utf8) + [0xCD, 0xC9, 0xD2] + Array("</title></channel></rss>".utf8)
        try await LoopbackServer.run { _ in
            .reply(200, ["Content-Type": "text/xml; charset=\"KOI8-R\""], body)
        } _: { server async throws in
            let feed = try await FeedReader(allowPrivateAddresses: true).read(server.url("/"))
            #expect(feed.title == "мир")
        }
    }

    @Test(arguments: [404, 410, 403, 500, 503] as [UInt]) func `names the server's refusal`(status: UInt) async throws {
        try await LoopbackServer.run { _ in
            .reply(status, [:], [])
        } _: { server async throws in
            let problem = try await problem(server, "/")
            #expect(problem == .status(Int(status), retryAfter: nil))
            #expect(FeedError(problem, source: "x").isTransient == (status >= 500))
        }
    }

    @Test func `keeps the server's wish for a pause`() async throws {
        try await LoopbackServer.run { _ in
            .reply(429, ["Retry-After": "120"], [])
        } _: { server async throws in
            #expect(try await problem(server, "/") == .status(429, retryAfter: 120))
        }
    }

    @Test func `stops at the limit, whether the size is announced or endless`() async throws {
        try await LoopbackServer.run {
            .endless($0 == "/big" ? ["Content-Length": "50000000"] : [:])
        } _: { server async throws in
            #expect(try await problem(server, "/big") == .tooLarge(20_000_000))
            #expect(try await problem(server, "/endless") == .tooLarge(20_000_000))
        }
    }

    @Test func `stops when the time is over`() async throws {
        var limits = FeedReader.Limits()
        limits.seconds = 1
        try await LoopbackServer.run { _ in
            .silence
        } _: { server async throws in
            #expect(try await problem(server, "/", limits: limits) == .timedOut(1))
        }
    }

    @Test func `stops at once when it is cancelled`() async throws {
        let (requests, arrived) = AsyncStream.makeStream(of: String.self)
        try await LoopbackServer.run { path in
            arrived.yield(path)
            return .silence
        } _: { server async throws in
            let reading = Task { try await FeedReader(allowPrivateAddresses: true).read(server.url("/")) }
            for await _ in requests { break }
            reading.cancel()
            await #expect(throws: CancellationError.self) { try await reading.value }
        }
    }

    @Test func `ends after five redirects`() async throws {
        try await LoopbackServer.run { _ in
            .reply(301, ["Location": "/again"], [])
        } _: { server async throws in
            #expect(try await problem(server, "/") == .tooManyRedirects(5))
        }
    }

    @Test func `does not follow a redirect to another scheme`() async throws {
        try await LoopbackServer.run { _ in
            .reply(301, ["Location": "file:///etc/passwd"], [])
        } _: { server async throws in
            #expect(try await problem(server, "/") == .redirect(to: "file:///etc/passwd"))
        }
    }

    @Test func `does not follow a redirect to a private address`() async throws {
        try await LoopbackServer.run { path in
            path == "/start" ? .reply(302, ["Location": "http://127.0.0.1:1/secret"], []) : .reply(200, [:], Self.rss)
        } _: { server async throws in
            let reader = FeedReader(privateHosts: ["localhost"])
            #expect(try await reader.read(server.url("/feed", host: "localhost")).title == "T")
            let error = try await #require(throws: FeedError.self) {
                try await reader.read(server.url("/start", host: "localhost"))
            }
            #expect(error.problem == .privateAddress(host: "127.0.0.1", address: "127.0.0.1"))
        }
    }

    @Test func `refuses a compressed answer by name`() async throws {
        try await LoopbackServer.run { _ in
            .reply(200, ["Content-Encoding": "gzip"], [0x1F, 0x8B])
        } _: { server async throws in
            #expect(try await problem(server, "/") == .contentEncoding("gzip"))
        }
    }

    @Test func `names the feed of a web page by its whole address`() async throws {
        let page = Array(
            "<html><head><link rel=alternate type=application/atom+xml href=/atom.xml></head><body>Hi</body></html>"
                .utf8)
        try await LoopbackServer.run { _ in
            .reply(200, ["Content-Type": "text/html"], page)
        } _: { server async throws in
            #expect(try await problem(server, "/") == .webPage(feed: server.url("/atom.xml")))
        }
    }

    @Test func `says that nobody listens`() async throws {
        let port = try await LoopbackServer.run { _ in
            .silence
        } _: {
            $0.port
        }
        let error = try await #require(throws: FeedError.self) {
            try await FeedReader(allowPrivateAddresses: true).read("http://127.0.0.1:\(port)/")
        }
        guard case .unreachable = error.problem else { return #expect(Bool(false), "\(error)") }
        #expect(error.isTransient)
    }

    @Test(arguments: [
        "127.0.0.1", "localhost", "10.1.2.3", "172.31.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "198.18.0.1", "[::1]", "[::]", "[fe80::1]", "[fd00::1]", "[ff02::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:8.8.8.8]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[2001:db8::1]", "2130706433", "0x7f.1",
        "0177.0.0.1", "127.1",
    ]) func `never goes to a private address`(host: String) async throws {
        let error = try await #require(throws: FeedError.self) { try await FeedReader().read("http://\(host)/feed") }
        guard case .privateAddress = error.problem else { return #expect(Bool(false), "\(error)") }
        #expect(!error.isTransient)
    }
}
