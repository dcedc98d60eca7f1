import Redis
import Testing

@testable import StageQueue

@Suite(.timeLimit(.minutes(1))) struct `A lane` {
    /// The same queue, whose lanes have limits.
    private func queue(_ f: QueueFixture, ahead: Int, most: Int? = nil) -> StageQueue {
        StageQueue(client: f.client, topology: f.topology, lanes: LaneLimits(ahead: ahead, most: most))
    }

    private func urgent(_ f: QueueFixture, _ jobs: some Sequence<Int64>, lane: Int64) -> [Dispatch] {
        jobs.map { Dispatch(job: $0, stage: f.first, priority: f.urgent, lane: lane) }
    }

    @Test func `has no more ahead than its limit, the rest waits, and each that ends admits the next`() async throws {
        let f = try await QueueFixture()
        let queue = queue(f, ahead: 2, most: 2)
        let outcomes = try await queue.dispatch(urgent(f, 1...5, lane: 7))
        #expect(outcomes.allSatisfy { $0 == .dispatched })
        #expect(try await f.length(f.first, f.urgent) == 2)
        let depth = try await queue.depth().lines[0]
        #expect(depth.ready == 2 && depth.waiting == 3)
        #expect(try await queue.live([JobReference(job: 3, stage: f.first)])[0]?.place == .waiting)

        var seen: [Int64] = []
        for _ in 1...5 {
            let answer = try await queue.fetch(f.first, slots: 1, owner: f.owner)
            let delivery = try #require(answer.deliveries.first)
            #expect(delivery.lane == 7)
            #expect(try await f.length(f.first, f.urgent) <= 2)
            seen.append(delivery.job)
            _ = try await queue.complete(delivery, next: nil, owner: f.owner)
        }
        #expect(seen == [1, 2, 3, 4, 5])
        #expect(try await queue.depth().lines[0].waiting == 0)
        // Nothing is left behind, so a million users leave nothing.
        for key in [f.topology.lanesKey, f.topology.waitingKey(f.first, f.urgent), f.topology.liveKey] {
            #expect(try await f.client.send(RedisCommand("EXISTS", RedisArgument(key))).integer() == 0)
        }
    }

    @Test func `that waits is dispatched only once`() async throws {
        let f = try await QueueFixture()
        let queue = queue(f, ahead: 1)
        _ = try await queue.dispatch(urgent(f, 1...3, lane: 7))
        #expect(try await queue.dispatch(urgent(f, 1...3, lane: 7)) == [.alreadyLive, .alreadyLive, .alreadyLive])
        #expect(try await queue.depth().lines[0].waiting == 2)
    }

    @Test func `gives idle slots to those who wait, lane by lane, up to the most it may have`() async throws {
        let f = try await QueueFixture()
        let queue = queue(f, ahead: 1, most: 3)
        _ = try await queue.dispatch(urgent(f, 1...9, lane: 7) + urgent(f, 11...12, lane: 8))
        let answer = try await queue.fetch(f.first, slots: 100, owner: f.owner)
        #expect(answer.deliveries.filter { $0.lane == 7 }.map(\.job) == [1, 2, 3])
        #expect(answer.deliveries.filter { $0.lane == 8 }.map(\.job) == [11, 12])
        #expect(answer.isLimited && answer.isCrowded)
        let rest = try await queue.fetch(f.first, slots: 100, owner: f.owner)
        #expect(rest.deliveries.isEmpty && rest.isLimited)
        // One of each lane ends: idle slots raise the first to three again, of the other nobody waits.
        _ = try await queue.finish(
            answer.deliveries.prefix(2).map { Ending($0, .completed(next: nil)) }, owner: f.owner)
        #expect(try await queue.fetch(f.first, slots: 100, owner: f.owner).deliveries.map(\.job) == [4])
    }

    @Test func `of one user with two hundred jobs delays another's daily by no more than one job`() async throws {
        let f = try await QueueFixture()
        let queue = queue(f, ahead: 1)
        let (drain, log, order) = (DrainSwitch(), EventLog(), Shared<[Int64]>([]))
        _ = try await queue.dispatch(urgent(f, 1...200, lane: 7))
        var settings = StageWorkerSettings.calm
        settings.slots = 1
        let daily = Dispatch(job: 1_000, stage: f.first, priority: f.daily, lane: 8)
        let worker = StageWorker(
            queue: queue, stage: f.first, owner: f.owner, settings: settings, drain: drain,
            handler: Handler { delivery, _ in
                order.change { $0.append(delivery.job) }
                // In the midst of a job of the crowd, at any turn of the rotation, the other's daily comes.
                if delivery.job < 1_000, delivery.job % 13 == 0 {
                    _ = try? await queue.dispatch(
                        Dispatch(job: 1_000 + delivery.job, stage: f.first, priority: f.daily, lane: 8))
                }
                return .completed(next: nil)
            }, reconcile: {}, report: { log.report($0) })
        _ = try await queue.dispatch(daily)
        try await running(worker, until: drain) { try await log.wait(for: 200 + 1 + 15, \.isEnd) }
        let seen = order.now
        #expect(Set(seen).count == 216)
        for (index, job) in seen.enumerated() where job < 1_000 && job % 13 == 0 {
            #expect(seen[index + 1] == 1_000 + job, "after \(job) came \(seen[index + 1])")
        }
        #expect(seen.prefix(2).contains(1_000))
    }

    @Test func `whose delayed job comes due waits for its place like any other`() async throws {
        let f = try await QueueFixture()
        let queue = queue(f, ahead: 1)
        _ = try await queue.dispatch(urgent(f, [1], lane: 7))
        let first = try #require(try await queue.fetch(f.first, slots: 1, owner: f.owner).deliveries.first)
        _ = try await queue.dispatch(
            Dispatch(job: 2, stage: f.first, priority: f.urgent, lane: 7, due: .after(.seconds(3600))))
        try await f.makeDue(job: 2, at: f.first, milliseconds: 1)
        #expect(try await queue.promote().moved == 1)
        #expect(try await f.length(f.first, f.urgent) == 1)
        #expect(try await queue.depth().lines[0].waiting == 1)
        // Released, it keeps its place before those who wait.
        _ = try await queue.release(first, owner: f.owner)
        #expect(try await queue.fetch(f.first, slots: 1, owner: f.owner).deliveries.map(\.job) == [1])
    }

    @Test func `does not wait for an entry that someone has deleted`() async throws {
        let f = try await QueueFixture()
        let queue = queue(f, ahead: 1)
        _ = try await queue.dispatch(urgent(f, 1...2, lane: 7))
        let place = try #require(try await queue.live([JobReference(job: 1, stage: f.first)])[0]?.place)
        guard case .ready(let entry) = place else { throw QueueError(.unexpectedReply, "not ready") }
        _ = try await f.client.send(
            RedisCommand("XDEL", RedisArgument(f.topology.readyKey(f.first, f.urgent)), RedisArgument(entry)))
        // What reconcile does: it dispatches all that is unfinished.
        #expect(try await queue.dispatch(urgent(f, [2], lane: 7)) == [.alreadyLive])
        #expect(try await queue.fetch(f.first, slots: 1, owner: f.owner).deliveries.map(\.job) == [2])
    }

    @Test func `moves on through the stages with its jobs`() async throws {
        let f = try await QueueFixture()
        let queue = queue(f, ahead: 1)
        _ = try await queue.dispatch(urgent(f, 1...2, lane: 7))
        let first = try #require(try await queue.fetch(f.first, slots: 1, owner: f.owner).deliveries.first)
        let next = Dispatch(job: 1, stage: f.second, priority: f.urgent, lane: 7)
        _ = try await queue.complete(first, next: next, owner: f.owner)
        // A place in one stage is none in the other.
        #expect(try await queue.fetch(f.first, slots: 9, owner: f.owner).deliveries.map(\.job) == [2])
        #expect(try await queue.fetch(f.second, slots: 9, owner: f.owner).deliveries.map(\.job) == [1])
    }
}
