import Testing

@testable import StageQueue

@Suite struct `A topology` {
    @Test func `has no two stages of one name or letter, and no strange names`() throws {
        let a = try #require(Stage(name: "a", code: "a"))
        let twin = try #require(Stage(name: "a", code: "b"))
        let double = try #require(Stage(name: "b", code: "a"))
        let priority = try #require(Priority(name: "p", code: "p"))
        for stages in [[], [a, twin], [a, double]] {
            #expect(throws: QueueError.self) {
                try QueueTopology(namespace: "n", stages: stages, priorities: [priority])
            }
        }
        for namespace in ["", "a}b", "A", "a b"] {
            #expect(throws: QueueError.self) {
                try QueueTopology(namespace: namespace, stages: [a], priorities: [priority])
            }
        }
        #expect(Stage(name: "a:b", code: "a") == nil)
        #expect(Stage(name: "a", code: "*") == nil)
        #expect(Priority(name: "p", code: "é") == nil)
    }

    @Test func `names all keys with one hash tag`() throws {
        let stage = try #require(Stage(name: "render", code: "r"))
        let priority = try #require(Priority(name: "daily", code: "d"))
        let topology = try QueueTopology(namespace: "ytempire", stages: [stage], priorities: [priority])
        #expect(topology.readyKey(stage, priority) == "{ytempire:0}:ready:render:daily")
        #expect(topology.liveKey == "{ytempire:0}:live")
        #expect(topology.workerKey("w1") == "{ytempire:0}:worker:w1")
        #expect(topology.stage(after: stage) == nil)
    }

    @Test func `has owners whose names can't be mistaken for parts of live`() {
        #expect(Owner(name: "render-1.example", incarnation: "a1")?.description == "render-1.example/a1")
        for name in ["", "a b", "a/b", "~orphans", String(repeating: "a", count: 65)] {
            #expect(Owner(name: name, incarnation: "1") == nil)
        }
    }

    @Test(arguments: [
        "", "00-0-0-01", "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    ])
    func `refuses a malformed trace`(traceparent: String) {
        #expect(TraceContext(traceparent: traceparent) == nil)
    }

    @Test func `keeps a trace as it came`() {
        let text = "00-0bf92f3577b34da603ce929d0e0e4736-00f067aa0ba902b7-01"
        #expect(TraceContext(traceparent: text)?.description == text)
    }

    @Test func `waits longer after each failure, up to a cap`() {
        var backoff = Backoff()
        let waits = (0..<8).map { _ in backoff.next(spread: 1) }
        #expect(waits.prefix(3) == [.milliseconds(50), .milliseconds(100), .milliseconds(200)])
        #expect(waits.last == .seconds(2))
        #expect(backoff.next(spread: 0) == .seconds(1))
        backoff.reset()
        #expect(backoff.next(spread: 1) == .milliseconds(50))
    }
}

@Suite(.timeLimit(.minutes(1))) struct `A check of the server` {
    @Test func `finds nothing required in a plain Redis 7`() async throws {
        let findings = try await QueueFixture().queue.checkServer()
        #expect(findings.allSatisfy { $0.severity == .advice })
        #expect(findings.count == 1, "these tests' Redis keeps no append-only file")
    }

    @Test func `requires version 7 and that nothing is evicted`() {
        let good: [Substring: Substring] = [
            "redis_version": "7.0.15", "maxmemory": "1000", "maxmemory_policy": "noeviction", "aof_enabled": "1",
        ]
        #expect(StageQueue.findings(good).isEmpty)
        for (name, value) in [("redis_version", "6.2.7"), ("maxmemory_policy", "allkeys-lru")] {
            var facts = good
            facts[Substring(name)] = Substring(value)
            #expect(StageQueue.findings(facts).map(\.severity) == [.required])
        }
        var unlimited = good
        (unlimited["maxmemory"], unlimited["maxmemory_policy"]) = ("0", "allkeys-lru")
        #expect(StageQueue.findings(unlimited).isEmpty)
    }
}
