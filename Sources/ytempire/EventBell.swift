import Fleet
import Foundation
import Ledger
import Redis
import StageQueue

/// Rings when something in the fleet changes, and every second, since Redis may be away; knows how far each running job
/// is.
struct EventBell: Sendable {
    private let services: FleetServices
    /// For one reader. Rings that come while it is busy are one.
    let rings: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation

    init(services: FleetServices) {
        self.services = services
        (rings, ring) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Listens until cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    ring.yield()
                    try? await Task.sleep(for: .seconds(1))
                }
            }
            group.addTask {
                while !Task.isCancelled {
                    do {
                        let subscription = try await services.redis.subscribe(to: [services.topology.queue.eventsKey])
                        for try await _ in subscription { ring.yield() }
                    } catch {
                        try? await Task.sleep(for: .seconds(1))
                    }
                }
            }
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
