import FoundationEssentials
package import Postgres
package import Production

/// The truth, in Postgres: users, channels, jobs, attempts, who is alive, money. Everything the domain must not forget,
/// and the guards that keep two workers from doing one thing.
package struct Ledger: Sendable {
    package struct Settings: Sendable {
        /// IANA name of the zone of the money day, and of users who have none of their own.
        package var zone: String
        /// How long after its last beat a worker is still believed to live.
        package var lease: Duration
        package var videoCeiling: MicroDollars
        package var dayCeiling: MicroDollars
        /// Over how many partitions of the queue new jobs are spread, by their user: what one user may have ready at once
        /// is counted in one partition. A job stays in the one that its row names.
        package var partitions: Int

        package init(
            zone: String = "UTC", lease: Duration = .seconds(20), videoCeiling: MicroDollars = 3_000_000,
            dayCeiling: MicroDollars = 150_000_000, partitions: Int = 1
        ) {
            (self.zone, self.lease, self.partitions) = (zone, lease, max(1, partitions))
            (self.videoCeiling, self.dayCeiling) = (videoCeiling, dayCeiling)
        }
    }

    package let database: PostgresPool
    package let settings: Settings
    /// What this process asks of attempts at the same time, so that Postgres is asked once.
    let begins = Gatherer<BeginQuestion, BeginAnswer>()
    let ends = Gatherer<EndQuestion, EndAnswer>()
    let claims = Gatherer<[Artifact], Bool>()
    let reservations = Gatherer<ReservationRequest, ReservationAnswer>()
    let sendings = Gatherer<UUID, Bool>()
    let reservationEnds = Gatherer<ReservationEnd, Bool>()

    package init(database: PostgresPool, settings: Settings) {
        (self.database, self.settings) = (database, settings)
    }

    /// The lease as Postgres reads an interval.
    var lease: String { "\(settings.lease.milliseconds) milliseconds" }

    /// Runs a transaction, again for as long as its COMMIT's answer is lost: its statements carry ids made before, so a
    /// second run of what was already done changes nothing and says so.
    func repeatable<Answer: Sendable>(
        _ body: @Sendable (PostgresConnection) async throws -> Answer
    ) async throws -> Answer {
        while true {
            do {
                return try await database.transaction(body)
            } catch let error as PostgresError where error.code == .commitUnknown {
                try Task.checkCancellation()
            }
        }
    }
}
