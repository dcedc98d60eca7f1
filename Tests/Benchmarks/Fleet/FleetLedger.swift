/// What the ledger alone allows, with a paid reservation in each transition and without.
struct FleetLedger: Benchmark {
    let name = "fleet.ledger"
    let figures = ["fleet.ledger_transitions", "fleet.ledger_transitions_paid"]
    let about =
        "begin and end in one process, \(LedgerLoad.slots) at once, without and with a reservation settled in each, "
        + "transitions/s; reference: the same rows by one transaction each, 8 connections"

    func run() async throws -> [Figure] {
        try await FleetBench.with { bench in
            try await bench.addUsers(1_000)
            let load = try await LedgerLoad(bench.ledger)
            var paid: [Double] = []
            let (ours, reference) = try await Timing.alternately(3) {
                try await bench.addJobs(4_000)
                let jobs = try await bench.newest(4_000)
                paid.append(try await load.run(Array(jobs.prefix(2_000)), isPaid: true))
                return try await load.run(Array(jobs.suffix(2_000)), isPaid: false)
            } reference: {
                try await TransitionFloor(bench.database).run(4_000)
            }
            return [
                Figure(name: figures[0], ours: ours, reference: reference),
                Figure(name: figures[1], ours: Timing.median(paid), reference: reference),
            ]
        }
    }
}
