import Foundation
import FoundationNetworking
import Telemetry
import Testing

@Suite struct `The metrics` {
    @Test func `have names of one kind, base units, and help`() {
        let all = MetricFamily.all
        #expect(Set(all.map(\.name)).count == all.count)
        for family in all {
            #expect(family.name.wholeMatch(of: /(ytempire|process)_[a-z_]+/) != nil, "\(family.name)")
            #expect((family.kind == .counter) == family.name.hasSuffix("_total"), "\(family.name)")
            #expect((family.kind == .histogram) == !family.buckets.isEmpty)
            #expect(family.buckets == family.buckets.sorted() && family.help.hasSuffix("."))
            for unit in ["milliseconds", "micro", "_ms", "minutes"] { #expect(!family.name.contains(unit)) }
        }
    }

    @Test func `escape what a label may hold`() {
        var text = MetricText()
        text.add(.slots, 4, "a\"b\\c\nd", "render")
        #expect(
            text.text.hasSuffix(
                #"ytempire_worker_slots{worker="a\"b\\c\nd",stage="render"} 4"# + "\n"))
    }

    @Test func `count into a histogram's buckets, bounds included`() {
        var histogram = MetricHistogram(of: .attemptDuration)
        for value in [0.1, 0.11, 5, 4_000] { histogram.observe(value) }
        var text = MetricText()
        text.add(.attemptDuration, histogram, "w", "render")
        let lines = text.text.split(separator: "\n")
        #expect(lines.contains(#"ytempire_attempt_duration_seconds_bucket{worker="w",stage="render",le="0.1"} 1"#))
        #expect(lines.contains(#"ytempire_attempt_duration_seconds_bucket{worker="w",stage="render",le="0.25"} 2"#))
        #expect(lines.contains(#"ytempire_attempt_duration_seconds_bucket{worker="w",stage="render",le="5"} 3"#))
        #expect(lines.contains(#"ytempire_attempt_duration_seconds_bucket{worker="w",stage="render",le="3600"} 3"#))
        #expect(lines.contains(#"ytempire_attempt_duration_seconds_bucket{worker="w",stage="render",le="+Inf"} 4"#))
        #expect(lines.contains(#"ytempire_attempt_duration_seconds_sum{worker="w",stage="render"} 4005.21"#))
        #expect(lines.contains(#"ytempire_attempt_duration_seconds_count{worker="w",stage="render"} 4"#))
    }

    @Test func `of several programs stand together, family by family`() {
        func of(_ worker: String) -> String {
            var text = MetricText()
            text.add(.slots, 1, worker, "render")
            text.add(.redisUp, 1, worker)
            return text.text
        }
        var text = MetricText()
        text.add(contentsOf: of("a"))
        text.add(contentsOf: of("b") + "stranger{a=\"b\"} 1\n")
        let lines = text.text.split(separator: "\n").map(String.init)
        #expect(lines.count == 8)
        #expect(lines.filter { $0.hasPrefix("# TYPE ytempire_worker_slots ") }.count == 1)
        let first = lines.firstIndex(of: #"ytempire_worker_slots{worker="a",stage="render"} 1"#)
        #expect(first.map { lines[$0 + 1] } == #"ytempire_worker_slots{worker="b",stage="render"} 1"#)
    }

    @Test(arguments: [
        ("127.0.0.1:9464", "127.0.0.1:9464"), ("localhost:80", "127.0.0.1:80"), ("[::1]:9464", "[::1]:9464"),
        ("unix:/run/m.sock", "unix:/run/m.sock"),
    ])
    func `are told at this machine`(_ text: String, _ read: String) {
        #expect(MetricAddress(text)?.description == read)
    }

    @Test(arguments: [
        "", "off", "9464", ":9464", "0.0.0.0:9464", "10.0.0.1:9464", "[::]:9464", "127.0.0.1:99999", "127.0.0.1:-1",
        "unix:relative", "unix:", "unix:/" + String(repeating: "a", count: 107),
    ])
    func `are told nowhere else`(_ text: String) { #expect(MetricAddress(text) == nil) }
}

@Suite(.timeLimit(.minutes(2))) struct `A metrics server` {
    private func serving<Answer: Sendable>(
        _ address: MetricAddress, _ body: @escaping @Sendable (MetricAddress) async throws -> Answer
    ) async throws -> Answer {
        let (addresses, told) = AsyncStream.makeStream(of: MetricAddress.self)
        return try await withThrowingTaskGroup(of: Answer?.self) { group in
            group.addTask {
                try await MetricServer(at: address) {
                    var text = MetricText()
                    text.add(.redisUp, 1, "w")
                    return text.text
                }.run { told.yield($0) }
                return nil
            }
            group.addTask {
                for await address in addresses { return try await body(address) }
                return nil
            }
            defer { group.cancelAll() }
            while let answer = try await group.next() { if let answer { return answer } }
            throw CancellationError()
        }
    }

    private func url(_ address: MetricAddress, _ path: String) throws -> URL {
        try #require(URL(string: "http://\(address)\(path)"))
    }

    @Test func `answers at a port, and knows one path`() async throws {
        try await serving(.loopback(host: "127.0.0.1", port: 0)) { address in
            let (data, response) = try await URLSession.shared.data(from: url(address, "/metrics"))
            let http = try #require(response as? HTTPURLResponse)
            #expect(http.statusCode == 200 && http.value(forHTTPHeaderField: "Content-Type") == MetricText.contentType)
            #expect(String(decoding: data, as: UTF8.self).hasSuffix("ytempire_redis_up{worker=\"w\"} 1\n"))
            let (_, other) = try await URLSession.shared.data(from: url(address, "/"))
            #expect((other as? HTTPURLResponse)?.statusCode == 404)
            var write = URLRequest(url: try url(address, "/metrics"))
            write.httpMethod = "POST"
            let (_, refused) = try await URLSession.shared.data(for: write)
            #expect((refused as? HTTPURLResponse)?.statusCode == 405)
        }
    }

    @Test func `answers at a socket, in the place of one that was killed, many at a time`() async throws {
        let path = "/tmp/metrics-\(UUID().uuidString.prefix(8)).sock"
        // What a killed worker leaves: a socket at which nobody listens.
        let left = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(left, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        close(left)
        try #require(status == 0)
        try await serving(.unix(path: path)) { _ in
            #expect(SocketPaths.matching("/tmp/metrics-*.sock").contains(path))
            await withTaskGroup(of: String?.self) { group in
                for _ in 0..<50 { group.addTask { await MetricScrape(of: path, patience: .seconds(30)).text() } }
                for await text in group { #expect(text?.hasSuffix("ytempire_redis_up{worker=\"w\"} 1\n") == true) }
            }
        }
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(await MetricScrape(of: path).text() == nil)
    }
}
