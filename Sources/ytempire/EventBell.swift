import Fleet
import Foundation
import Ledger
import Redis
import StageQueue

/// Rings when something in the fleet changes, and knows how far every running job is. Without Redis it only never rings.
actor EventBell {
    private let services: FleetServices
    private let rings: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation

    init(services: FleetServices) {
        self.services = services
        (rings, ring) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Listens until cancelled.
    nonisolated func run() async {
        while !Task.isCancelled {
            do {
                let subscription = try await services.redis.subscribe(to: [services.topology.queue.eventsKey])
                for try await _ in subscription { ring.yield() }
            } catch {
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// Returns at the next ring, or after so long.
    nonisolated func wait(atMost time: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in self.rings { return } }
            group.addTask { try? await Task.sleep(for: time) }
            await group.next()
            group.cancelAll()
        }
    }

    /// What the living workers say of each job they have in hand.
    func live() async -> [Int64: LiveReport.Work] {
        guard let workers = try? await services.ledger.workers().filter({ $0.state == "alive" }), !workers.isEmpty
        else {
            return [:]
        }
        let commands = workers.map {
            RedisCommand("HGET", RedisArgument(services.topology.queue.workerKey($0.name)), "report")
        }
        var work: [Int64: LiveReport.Work] = [:]
        for reply in (try? await services.redis.pipeline(commands)) ?? [] {
            guard case .success(let reply) = reply, case .bytes(let json) = reply,
                let report = try? JSONDecoder().decode(LiveReport.self, from: Data(json))
            else { continue }
            for each in report.work { work[each.job] = each }
        }
        return work
    }
}
