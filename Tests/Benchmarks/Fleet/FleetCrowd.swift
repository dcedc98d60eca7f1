import Fleet
import Postgres

/// Whether a transition costs more when many jobs wait, or many have been: the speed in a crowded database by that in a
/// calm one, measured by turns. 1: no difference.
struct FleetCrowd: Benchmark {
    let name = "fleet.crowd"
    let figures = ["fleet.backlog_ratio", "fleet.history_ratio", "fleet.reconcile_ratio"]
    let about =
        "transitions/s with \(Self.many) jobs waiting, and with \(Self.many) finished instead; reference: by turns, where "
        + "\(Self.few) wait; then a regular round of reconcile, ms, with \(Self.many) waiting, and with 20,000"
    static let few = 1_000
    static let many = 1_000_000
    private static let measured = 2_000

    func run() async throws -> [Figure] {
        try await FleetBench.with { calm in
            try await FleetBench.with { crowded in
                let speeds = (try await speed(of: calm), try await speed(of: crowded))
                func compare() async throws -> (ours: Double, reference: Double) {
                    try await crowded.settle()
                    try await calm.settle()
                    _ = try await speeds.1()
                    let answer = try await Timing.alternately(3, ours: speeds.1, reference: speeds.0)
                    Progress.say("  \(Int(answer.ours)) and \(Int(answer.reference)) transitions/s")
                    return answer
                }
                try await calm.addJobs(Self.few)
                try await crowded.addJobs(20_000)
                let short = try await round(of: crowded)
                try await crowded.addJobs(Self.many)
                let long = try await round(of: crowded)
                let backlog = try await compare()
                try await publish(in: crowded)
                try await crowded.addJobs(Self.few)
                let history = try await compare()
                return [
                    Figure(name: figures[0], ours: backlog.ours, reference: backlog.reference),
                    Figure(name: figures[1], ours: history.ours, reference: history.reference),
                    Figure(name: figures[2], ours: long * 1_000, reference: short * 1_000),
                ]
            }
        }
    }

    /// What does some transitions and says how many a second they were.
    private func speed(of bench: FleetBench) async throws -> () async throws -> Double {
        try await bench.addUsers(1_000)
        let load = try await LedgerLoad(bench.ledger)
        return {
            try await bench.addJobs(Self.measured)
            return try await load.run(try await bench.newest(Self.measured), isPaid: false)
        }
    }

    private func round(of bench: FleetBench) async throws -> Double {
        try await bench.services.reconciler.reconcile(quiet: .zero)
        return try await Timing.seconds {
            _ = try await bench.services.reconciler.reconcileInTurn(quiet: .zero)
        }
    }

    /// All that wait have been published long ago, with what an attempt leaves.
    private func publish(in bench: FleetBench) async throws {
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
        ] { try await bench.database.execute(statement) }
    }
}
