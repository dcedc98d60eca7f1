import Fleet
import Foundation
import Ledger
import Postgres
import Production
import TestServers

/// Stage transitions a second of a whole fleet: four real worker processes, whose stages do nothing, on a Redis and a
/// Postgres of their own.
struct FleetTransitions: Benchmark {
    let name = "fleet.transitions"
    let about =
        "four worker processes, bare rehearsal, \(Self.slots) slots each, attempts, cost rows and counters in Postgres, "
        + "fsync on, transitions/s; reference: the same rows by one transaction each, 8 connections, no queue"
    static let slots = 64
    static let jobs = 4_000

    func run() async throws -> [Figure] {
        let settings = """
            testing: { enabled: true, rehearsal: bare }
            script: { slots: \(Self.slots) }
            voice: { slots: \(Self.slots) }
            render: { slots: \(Self.slots) }
            upload: { slots: \(Self.slots) }
            """
        return try await FleetBench.with(settings) { bench in
            try await bench.addUsers(1_000)
            let workers = try await bench.startWorkers()
            let (ours, reference) = try await Timing.alternately(3) {
                try await bench.addJobs(Self.jobs)
                let seconds = try await Timing.seconds {
                    try await bench.services.reconciler.reconcile(quiet: .zero)
                    try await bench.untilFinished()
                }
                let odd: Int64 = try await bench.database.query("SELECT count(*) FROM jobs WHERE state <> 'published'")[
                    0
                ]
                .get(0)
                guard odd == 0 else { throw ServerError("\(odd) jobs were not published") }
                return Double(Self.jobs * Production.Stage.allCases.count) / seconds
            } reference: {
                for worker in workers { worker.signal(SIGSTOP) }
                defer { for worker in workers { worker.signal(SIGCONT) } }
                return try await TransitionFloor(bench.database).run(4_000)
            }
            for worker in workers { await worker.kill() }
            return [Figure(name: name, ours: ours, reference: reference)]
        }
    }
}
