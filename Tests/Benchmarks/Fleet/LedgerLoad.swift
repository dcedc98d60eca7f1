import Fleet
import Foundation
import Ledger
import Postgres
import Production
import TestServers

/// Begins and ends attempts of queued jobs as a worker does, many at once, in one process and without a queue: what
/// Postgres and the ledger's client cost.
struct LedgerLoad {
    /// As many as the slots of the fleet's benchmark together.
    static let slots = 256

    let ledger: Ledger
    let worker: WorkerIdentity

    init(_ ledger: Ledger) async throws {
        self.ledger = ledger
        worker = WorkerIdentity(name: "bench", incarnation: UUID())
        _ = try await ledger.register(
            worker,
            as: WorkerDescription(stage: .script, host: "here", pid: 1, version: "1", slots: Self.slots),
            epochs: ["bench"])
    }

    /// Transitions a second. - Parameter isPaid: with a reservation that is settled, and its cost row, in each.
    func run(_ jobs: [Job.ID], isPaid: Bool) async throws -> Double {
        let seconds = try await Timing.seconds {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for lane in 0..<Self.slots {
                    group.addTask {
                        for place in stride(from: lane, to: jobs.count, by: Self.slots) {
                            for stage in Production.Stage.allCases {
                                try await transition(jobs[place], stage, isPaid: isPaid)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        return Double(jobs.count * Production.Stage.allCases.count) / seconds
    }

    private func transition(_ job: Job.ID, _ stage: Production.Stage, isPaid: Bool) async throws {
        let answer = try await ledger.begin(
            .ordered(), job: job, stage: stage, worker: worker, epoch: "bench", alone: false)
        guard case .begun(let attempt, _) = answer else { throw ServerError("job \(job) at \(stage): \(answer)") }
        if isPaid { try await pay(attempt) }
        let costs = [try cost("cpu"), try cost("wall")]
        let end = AttemptEnd.succeeded(StageResult())
        guard case .committed = try await ledger.end(attempt, end, AttemptRecord(provider: "bench", costs: costs))
        else {
            throw ServerError("job \(job) at \(stage) was refused")
        }
    }

    private func pay(_ attempt: OpenAttempt) async throws {
        let id = UUID.ordered()
        var bytes = [UInt8](repeating: 0, count: 32)
        for place in bytes.indices { bytes[place] = .random(in: 0...255) }
        guard let hash = RequestHash(bytes: bytes) else { throw ServerError("no hash") }
        let request = ReservationRequest(
            id: id, attempt: attempt.id, provider: "openai", item: "tokens", upperBound: 5, request: hash,
            timeLimit: .seconds(60), limits: ProviderLimits(dayCeiling: 1_000_000_000_000))
        guard try await ledger.reserve(request) == .reserved else { throw ServerError("not reserved") }
        guard try await ledger.end(ReservationEnd(id, .settled([try cost("tokens")], kept: false))) else {
            throw ServerError("not settled")
        }
    }

    private func cost(_ item: String) throws -> CostEntry {
        guard let price = Price(micros: 1, perUnits: 1),
            let entry = CostEntry(id: .ordered(), provider: "openai", item: item, quantity: 3, unit: "ms", price: price)
        else { throw ServerError("no price") }
        return entry
    }
}

extension FleetBench {
    /// The newest jobs, which nobody has begun.
    func newest(_ count: Int) async throws -> [Job.ID] {
        try await database.query("SELECT id FROM jobs WHERE state = 'queued' ORDER BY id DESC LIMIT \(count)")
            .map { Job.ID(try $0.get("id")) }
    }
}
