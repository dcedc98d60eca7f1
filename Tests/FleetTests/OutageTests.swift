import Foundation
import Production
import StageQueue
import Testing

@testable import Fleet

@Suite struct `A worker of several partitions` {
    private static let lost = QueueError(.unreachable, "fetch: Redis can't be reached.")

    @Test func `has Redis again once all of its partitions have, and counts that as one outage`() {
        let metrics = WorkerMetrics(worker: "w", stage: .render, slots: 1, takenOver: 0, start: .now)
        func tells(_ line: String) -> Bool { metrics.text().contains("\(line)\n") }
        for partition in 0..<3 { metrics.heard(.redisLost(Self.lost, partition: partition)) }
        metrics.heard(.redisBack(after: .seconds(1), partition: 1))
        #expect(tells(#"ytempire_redis_up{worker="w"} 0"#))
        metrics.heard(.redisBack(after: .seconds(1), partition: 0))
        metrics.heard(.redisBack(after: .seconds(1), partition: 2))
        #expect(tells(#"ytempire_redis_up{worker="w"} 1"#))
        #expect(tells(#"ytempire_redis_outages_total{worker="w"} 1"#))
    }

    @Test func `says that it waits for Redis as long as one is away`() {
        var status = WorkerStatus(role: "working", slots: 1)
        for partition in 0..<2 { status.heard(.redisLost(Self.lost, partition: partition)) }
        status.heard(.redisBack(after: .seconds(1), partition: 0))
        #expect(status.text.contains("waiting for Redis"))
        status.heard(.redisBack(after: .seconds(1), partition: 1))
        #expect(!status.text.contains("waiting for Redis"))
    }
}
