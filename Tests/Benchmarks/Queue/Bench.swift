import Logging
import Redis
import StageQueue
import TestServers

/// A Redis of the benchmark's own, and a queue on it.
struct Bench: Sendable {
    let server: PrivateRedis
    let client: RedisClient
    let queue: StageQueue
    let stage: Stage
    let daily: Priority
    let owner: Owner

    /// As in production: no two jobs share a trace.
    static func trace(_ job: Int64) -> TraceContext? {
        TraceContext(traceHigh: 0x4bf9_2f35_77b3_4da6, traceLow: UInt64(bitPattern: job) | 1 << 63, span: 7)
    }

    init() async throws {
        server = try await PrivateRedis.start()
        client = RedisClient(
            configuration: RedisConfiguration(address: .unixSocket(path: server.socketPath)),
            logger: Logger(label: "bench", factory: { _ in SwiftLogNoOpLogHandler() }))
        let stages = zip(["script", "voice", "render", "upload"], "svru").compactMap { Stage(name: $0, code: $1) }
        let priorities = zip(["interactive", "daily"], "id").compactMap { Priority(name: $0, code: $1) }
        guard let owner = Owner(name: "render-host-1", incarnation: "6F9619FF-8B86-D011-B42D-00CF4FC964FF") else {
            throw ServerError("malformed owner")
        }
        (stage, daily, self.owner) = (stages[0], priorities[1], owner)
        queue = StageQueue(
            client: client,
            topology: try QueueTopology(namespace: "ytempire", stages: stages, priorities: priorities))
    }

    var readyKey: String { queue.topology.readyKey(stage, daily) }

    func dispatches(_ count: Int) -> [Dispatch] {
        (0..<Int64(count)).map { Dispatch(job: $0, stage: stage, priority: daily, trace: Self.trace($0)) }
    }

    func empty() async throws { _ = try await client.send(RedisCommand("FLUSHALL")) }

    func close() async {
        await client.close()
        await server.kill()
    }

    static func with<Answer>(_ body: (Bench) async throws -> Answer) async throws -> Answer {
        let bench = try await Bench()
        do {
            let answer = try await body(bench)
            await bench.close()
            return answer
        } catch {
            await bench.close()
            throw error
        }
    }
}
