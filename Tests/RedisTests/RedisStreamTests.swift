import Redis
import TestServers
import Testing

@Suite struct `A stream` {
    @Test func `keeps entries as they were added`() async throws {
        try await withClient { client in
            _ = try await client.send(RedisCommand("DEL", "stream:kept"))
            #expect(try await client.xadd("stream:kept", makesStream: false, [.init("a", "1")]) == nil)
            let fields: [StreamEntry.Field] = [.init("name", [0, 255, 13, 10]), .init("", ""), .init("name", "again")]
            let id = try #require(try await client.xadd("stream:kept", fields))
            let fixed = StreamEntryID(milliseconds: .max, sequence: 7)
            #expect(try await client.xadd("stream:kept", id: fixed, [.init("b", "2")]) == fixed)
            let entries = try await client.xrange("stream:kept")
            #expect(entries.map(\.id) == [id, fixed])
            #expect(entries[0].fields == fields)
            #expect(entries[0]["name"] == [0, 255, 13, 10])
            #expect(try await client.xrange("stream:kept", from: fixed, through: fixed).count == 1)
            #expect(try await client.xrange("stream:kept", count: 1).map(\.id) == [id])
            #expect(try await client.xread([("stream:kept", id), ("stream:none", .zero)]).map(\.entries.count) == [1])
            #expect(try await client.xread([("stream:kept", fixed)]) == [])
            #expect(try await client.xdel("stream:kept", [id, fixed]) == 2)
            #expect(try await client.xlen("stream:kept") == 0)
        }
    }

    @Test func `delivers to a group, and forgets what is acknowledged`() async throws {
        try await withClient { client in
            _ = try await client.send(RedisCommand("DEL", "stream:group"))
            #expect(try await client.xgroupCreate("stream:group", group: "workers"))
            #expect(try await !client.xgroupCreate("stream:group", group: "workers"))
            for number in 1...3 { try await client.xadd("stream:group", [.init("n", "\(number)")]) }
            let reads = try await client.xreadgroup("workers", consumer: "w1", streams: ["stream:group"], count: 2)
            let ids = reads.flatMap(\.entries).map(\.id)
            #expect(reads.map(\.stream) == ["stream:group"] && ids.count == 2)

            let summary = try await client.xpending("stream:group", group: "workers")
            #expect(summary.count == 2 && summary.consumers == ["w1": 2])
            #expect(summary.first == ids[0] && summary.last == ids[1])
            let pending = try await client.xpending("stream:group", group: "workers", count: 10, consumer: "w1")
            #expect(pending.map(\.id) == ids && pending.allSatisfy { $0.consumer == "w1" && $0.deliveries == 1 })
            #expect(try await client.xpending("stream:group", group: "workers", count: 10, idle: .seconds(3600)) == [])

            #expect(try await client.xdel("stream:group", [ids[0]]) == 1)
            let history = try await client.xreadgroupHistory("workers", consumer: "w1", stream: "stream:group")
            #expect(history.map(\.isDeleted) == [true, false])
            #expect(history[1]["n"] == [UInt8(ascii: "2")])

            #expect(try await client.xack("stream:group", group: "workers", ids + ids) == 2)
            let empty = try await client.xpending("stream:group", group: "workers")
            #expect(empty.count == 0 && empty.first == nil && empty.last == nil && empty.consumers.isEmpty)
            #expect(try await client.xreadgroup("workers", consumer: "w1", streams: ["stream:group"]).count == 1)
            #expect(try await client.xgroupDeleteConsumer("stream:group", group: "workers", consumer: "w1") == 1)
        }
    }

    @Test func `describes itself, its groups and their consumers`() async throws {
        try await withClient { client in
            _ = try await client.send(RedisCommand("DEL", "stream:info"))
            await expectError(.replyError) { try await client.xinfoStream("stream:info") }
            try await client.xgroupCreate("stream:info", group: "workers")
            #expect(try await client.xinfoStream("stream:info").firstEntry == nil)
            let id = try #require(try await client.xadd("stream:info", [.init("a", "1")]))
            _ = try await client.xreadgroup("workers", consumer: "w1", streams: ["stream:info"])
            let report = try await client.xinfoStream("stream:info")
            #expect(report.length == 1 && report.groups == 1 && report.lastGeneratedID == id)
            #expect(report.firstEntry == StreamEntry(id: id, fields: [.init("a", "1")]))
            let groups = try await client.xinfoGroups("stream:info")
            #expect(groups.map(\.name) == ["workers"] && groups[0].pending == 1 && groups[0].lastDeliveredID == id)
            let consumers = try await client.xinfoConsumers("stream:info", group: "workers")
            #expect(consumers.map(\.name) == ["w1"] && consumers[0].pending == 1 && consumers[0].idle >= .zero)
        }
    }

    @Test func `wakes a blocked reader`() async throws {
        try await withClient { client in
            _ = try await client.send(RedisCommand("DEL", "stream:bell"))
            try await client.xgroupCreate("stream:bell", group: "workers")
            let connection = try await client.makeBlockingConnection()
            async let taken = connection.xreadgroup(
                "workers", consumer: "w1", streams: ["stream:bell"], count: 1, block: .seconds(10))
            let id = try await client.xadd("stream:bell", [.init("a", "1")])
            #expect(try await taken.flatMap(\.entries).map(\.id) == [id])
            #expect(try await connection.xread([("stream:bell", try #require(id))], block: .milliseconds(1)) == [])
            await connection.close()
        }
    }

    @Test func `that vanishes tells its blocked reader`() async throws {
        let server = try await PrivateRedis.start()
        try await withClient(server) { client in
            try await client.xgroupCreate("stream", group: "workers")
            let connection = try await client.makeBlockingConnection()
            let task = Task {
                await error {
                    try await connection.xreadgroup("workers", consumer: "w1", streams: ["stream"], block: .seconds(30))
                }
            }
            try await expectEventually {
                try await client.send(RedisCommand("INFO", "clients")).string().contains("blocked_clients:1\r\n")
            }
            _ = try await client.send(RedisCommand("FLUSHALL"))
            let loss = await task.value
            #expect(loss?.replyCode == "UNBLOCKED" || loss?.replyCode == "NOGROUP")
            #expect(connection.isOpen)
        }
    }

    @Test(arguments: ["", "1", "1-", "-1", "a-b", "1-2-3", "18446744073709551616-0"])
    func `has no entry id like that`(text: String) {
        #expect(StreamEntryID(text) == nil)
    }

    @Test func `orders its entry ids by time, then number`() {
        let ids = ["1-9", "2-0", "2-10", "10-0"].compactMap { StreamEntryID($0) }
        #expect(ids.count == 4 && ids == ids.sorted())
    }
}
