/// One fault, done to a fleet: what is done, and what is measured of it.
struct Drill: Sendable {
    /// What came of a drill. The oracle was asked; this is for the table.
    struct Outcome: Sendable {
        var verdict: Oracle.Verdict
        /// From the fault to the work going on, seconds; nil where nothing stood still.
        var recovery: Double?
        /// What `recovery` must stay below, seconds. Held by `make faults`: the tests, which share their
        /// machine, hold the 30 s of the promise.
        var limit: Double?

        init(_ verdict: Oracle.Verdict, recovery: Double? = nil, limit: Double? = nil) {
            (self.verdict, self.recovery, self.limit) = (verdict, recovery, limit)
        }
    }

    /// Of the list in the README.
    let number: Int
    let name: String
    /// Belongs to the half that `make test` runs.
    let isQuick: Bool
    let run: @Sendable () async throws -> Outcome

    init(
        _ number: Int, _ name: String, quick: Bool = false, run: @escaping @Sendable () async throws -> Outcome
    ) {
        (self.number, self.name, isQuick, self.run) = (number, name, quick, run)
    }

    static let all: [Drill] =
        kills + zombies + days + redisDrills + postgresDrills + cuts + artifacts + clocks + poison
        + signals + entries + door + whims + channel
}
