import Logging
import Redis
import StageQueue
import TestServers

/// A queue of a test's own: three stages, two priorities, a namespace that nobody else has.
struct QueueFixture: Sendable {
    let server: PrivateRedis
    let client: RedisClient
    let queue: StageQueue
    let topology: QueueTopology
    let first: Stage, second: Stage, third: Stage
    let urgent: Priority, daily: Priority
    let owner: Owner

    /// On the server that all tests share, unless the test brings one that it may flush, fill, stop or kill.
    init(server: PrivateRedis? = nil, stages: String = "abc", namespace: String? = nil) async throws {
        let own: PrivateRedis = if let server { server } else { try await PrivateRedis.shared() }
        self.server = own
        client = RedisClient(
            configuration: RedisConfiguration(
                address: .unixSocket(path: own.socketPath),
                // A test that takes its server away wants to hear of it soon; the others share a busy machine.
                connectTimeout: server == nil ? .seconds(20) : .milliseconds(500)),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        let list = try stages.map { try Self.unwrap(Stage(name: "stage-\($0)", code: $0)) }
        (first, second, third) = (list[0], list[1], list[2])
        urgent = try Self.unwrap(Priority(name: "urgent", code: "u"))
        daily = try Self.unwrap(Priority(name: "daily", code: "d"))
        topology = try QueueTopology(
            namespace: namespace ?? "t\(UInt64.random(in: 0...UInt64.max))", stages: list, priorities: [urgent, daily])
        queue = StageQueue(client: client, topology: topology)
        owner = try Self.owner("worker")
    }

    static func owner(_ name: String, incarnation: String = "1") throws -> Owner {
        try unwrap(Owner(name: name, incarnation: incarnation))
    }

    static func unwrap<Value>(_ value: Value?) throws -> Value {
        guard let value else { throw QueueError(.invalidTopology, "a test's value is malformed") }
        return value
    }

    func dispatch(_ jobs: Int64..., at stage: Stage? = nil, urgently: Bool = false) async throws {
        _ = try await queue.dispatch(
            jobs.map { Dispatch(job: $0, stage: stage ?? first, priority: urgently ? urgent : daily) })
    }

    func fetch(_ slots: Int = 100, at stage: Stage? = nil, as owner: Owner? = nil) async throws -> [Delivery] {
        try await queue.fetch(stage ?? first, slots: slots, owner: owner ?? self.owner).deliveries
    }

    /// What a worker of `lease` 20 s would reclaim now.
    func reclaim(_ slots: Int = 100, as owner: Owner) async throws -> [Delivery] {
        try await queue.reclaim(first, slots: slots, owner: owner, lease: .seconds(20)).deliveries
    }

    /// Makes Redis believe that a delivery was last renewed so long ago.
    func age(_ delivery: Delivery, by time: Duration, holder: String = "worker") async throws {
        _ = try await client.send(
            RedisCommand(
                "XCLAIM", RedisArgument(topology.readyKey(delivery.stage, delivery.priority)), "workers",
                RedisArgument(holder), 0, RedisArgument(delivery.entryID), "IDLE",
                RedisArgument(time.components.seconds * 1000), "JUSTID"))
    }

    /// Adds an entry to the first stage's daily stream behind the queue's back.
    func smuggle(_ fields: [RedisArgument], urgently: Bool = false) async throws -> String {
        try await client.send(
            RedisCommand(
                "XADD",
                arguments: [RedisArgument(topology.readyKey(first, urgently ? urgent : daily)), "*"] + fields)
        ).string()
    }

    func length(_ stage: Stage, _ priority: Priority) async throws -> Int64 {
        try await client.send(RedisCommand("XLEN", RedisArgument(topology.readyKey(stage, priority)))).integer()
    }

    func live(_ job: Int64, at stage: Stage? = nil) async throws -> LiveDelivery? {
        try await queue.live([JobReference(job: job, stage: stage ?? first)])[0]
    }
}
