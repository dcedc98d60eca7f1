import Fleet
import Postgres

/// Whether a transition costs more when many jobs wait, or many have been: the speed in a crowded database by that in an
/// empty one. 1: no difference.
struct FleetCrowd: Benchmark {
    let name = "fleet.crowd"
    let figures = ["fleet.backlog_ratio", "fleet.history_ratio", "fleet.reconcile_ratio"]
    let about =
        "transitions/s with \(Self.many) jobs waiting, and with \(Self.many) finished besides; reference: with \(Self.few) "
        + "waiting; then a regular round of reconcile, ms, with \(Self.many) waiting, and with 20,000"
    static let few = 1_000
    static let many = 1_000_000
    private static let measured = 2_000

    func run() async throws -> [Figure] {
        try await FleetBench.with { bench in
            try await bench.addUsers(1_000)
            let load = try await LedgerLoad(bench.ledger)
            func speed() async throws -> Double {
                try await bench.addJobs(Self.measured)
                let speed = try await load.run(try await bench.newest(Self.measured), isPaid: false)
                Progress.say("  \(Int(speed)) transitions/s")
                return speed
            }
            func round() async throws -> Double {
                try await bench.services.reconciler.reconcile(quiet: .zero)
                return try await Timing.seconds {
                    _ = try await bench.services.reconciler.reconcileInTurn(quiet: .zero)
                }
            }
            try await bench.addJobs(Self.few)
            _ = try await speed()
            let empty = try await speed()
            try await bench.addJobs(20_000)
            let short = try await round()
            try await bench.addJobs(Self.many)
            let long = try await round()
            _ = try await speed()
            let backlog = try await speed()
            // All of those have been published long ago, with what an attempt leaves.
            for statement: SQL in [
                """
                INSERT INTO attempts (id, job_id, stage, fence, state, alone, worker, incarnation, epoch, ended_at)
                SELECT gen_random_uuid(), id, 'upload', 1, 'succeeded', false, 'old', gen_random_uuid(), '', now()
                  FROM jobs WHERE finished_at IS NULL
                """,
                """
                INSERT INTO cost_rows (id, job_id, user_id, channel_id, attempt_id, stage, provider, item, quantity, unit,
                                       price_micros, price_units, amount, money_day)
                SELECT gen_random_uuid(), j.id, j.user_id, j.channel_id, a.id, 'upload', 'own', 'cpu', 1, 'ms', 1, 1, 1,
                       '2026-01-05' FROM attempts a JOIN jobs j ON j.id = a.job_id WHERE a.worker = 'old'
                """,
                "UPDATE jobs SET state = 'published', finished_at = now() - interval '3 days' WHERE finished_at IS NULL",
            ] {
                try await bench.database.execute(statement)
            }
            try await bench.addJobs(Self.few)
            _ = try await speed()
            let history = try await speed()
            return [
                Figure(name: figures[0], ours: backlog, reference: empty),
                Figure(name: figures[1], ours: history, reference: empty),
                Figure(name: figures[2], ours: long * 1_000, reference: short * 1_000),
            ]
        }
    }
}
