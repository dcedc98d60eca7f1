package import FoundationEssentials
import Postgres
package import Production

/// A paid call about to be made, at the most it can cost.
package struct ReservationRequest: Sendable {
    package var id: UUID
    package var attempt: UUID
    package var provider: ProviderName
    package var item: String
    package var upperBound: MicroDollars
    /// SHA-256 of provider, model, the whole body, and the ordinal within the stage. 32 bytes.
    package var requestHash: [UInt8]
    /// How long the call may last; after it, an open reservation is an orphan.
    package var timeLimit: Duration
    package var providerCeiling: MicroDollars

    package init(
        id: UUID, attempt: UUID, provider: ProviderName, item: String, upperBound: MicroDollars, requestHash: [UInt8],
        timeLimit: Duration, providerCeiling: MicroDollars
    ) {
        (self.id, self.attempt, self.provider, self.item) = (id, attempt, provider, item)
        (self.upperBound, self.requestHash, self.timeLimit) = (upperBound, requestHash, timeLimit)
        self.providerCeiling = providerCeiling
    }
}

package enum ReservationAnswer: Sendable, Equatable {
    case reserved
    /// The same request is under way: wait for its answer, at the longest until then.
    case taken(until: Date)
    /// That ceiling has no room: `video`, `provider` or `day`; or a person's `pause` covers the job; or the `attempt` has
    /// ended, or was cancelled or lost.
    case refused(by: String)
}

extension Ledger {
    /// Holds an amount below the ceilings of the video, the provider and the day, before the money can be spent. Safe to
    /// ask again with the same id. A call without an upper bound can't be made: there is no way to ask for one.
    package func reserve(_ request: ReservationRequest) async throws -> ReservationAnswer {
        let rows = try await database.query(
            """
            SELECT outcome, until FROM reserve(
                \(request.id), \(request.attempt), \(request.provider.rawValue), \(request.item),
                \(request.upperBound.rawValue), \(request.requestHash),
                (now() AT TIME ZONE \(settings.zone))::date,
                now() + \("\(request.timeLimit.milliseconds) milliseconds")::interval,
                \(settings.videoCeiling.rawValue), \(request.providerCeiling.rawValue), \(settings.dayCeiling.rawValue))
            """)
        let row = try rows.only("answer of reserve")
        switch try row.get("outcome", as: String.self) {
        case "reserved": return .reserved
        case "taken": return .taken(until: try row.get("until"))
        case let ceiling: return .refused(by: ceiling)
        }
    }

    /// Ends a reservation at what the call really cost and writes its cost row. False if it had ended before.
    package func settle(_ reservation: UUID, as cost: CostEntry) async throws -> Bool {
        try await repeatable { connection in
            let ended = try await connection.query(
                "SELECT end_reservation(\(reservation), 'settled', \(cost.amount.rawValue)) AS ended")
            guard try ended.only("answer").get("ended", as: Bool.self) else { return false }
            try await connection.execute(
                """
                INSERT INTO cost_rows (id, job_id, user_id, channel_id, attempt_id, reservation_id, stage, provider, item,
                                       quantity, unit, price_micros, price_units, amount, money_day)
                SELECT \(cost.id), r.job_id, j.user_id, j.channel_id, r.attempt_id, r.id, r.stage, r.provider,
                       \(cost.item), \(cost.quantity), \(cost.unit), \(cost.price.micros), \(cost.price.units),
                       \(cost.amount.rawValue), r.money_day
                FROM reservations r JOIN jobs j ON j.id = r.job_id WHERE r.id = \(reservation)
                """)
            return true
        }
    }

    /// Gives a reservation back. Only for the attempt that knows no byte of the call was sent.
    package func release(reservation: UUID) async throws -> Bool {
        try await database.query("SELECT end_reservation(\(reservation), 'released', 0) AS ended")
            .only("answer").get("ended")
    }

    /// Turns reservations past their deadline into cost rows in doubt, at their full amount: nobody knows whether the
    /// provider billed them. Answers how many.
    ///
    /// A kept response is not looked for: no provider that keeps any is connected yet.
    package func settleOrphans(limit: Int = 100) async throws -> Int {
        let overdue = try await database.query(
            """
            SELECT id FROM reservations WHERE state = 'open' AND deadline < now() ORDER BY deadline LIMIT \(Int64(limit))
            """)
        var settled = 0
        for row in overdue {
            // A transaction each: several would take counters of different videos after the day's, against the order.
            if try await settleOrphan(row.get("id")) { settled += 1 }
        }
        return settled
    }

    private func settleOrphan(_ id: UUID) async throws -> Bool {
        try await repeatable { connection in
            // The ledger's row first: the counters come last in a transaction.
            let added = try await connection.execute(
                """
                INSERT INTO cost_rows (id, job_id, user_id, channel_id, attempt_id, reservation_id, stage, provider,
                                       item, quantity, unit, price_micros, price_units, amount, in_doubt, money_day)
                SELECT gen_random_uuid(), r.job_id, j.user_id, j.channel_id, r.attempt_id, r.id, r.stage, r.provider,
                       r.item, 1, 'call', r.amount, 1, r.amount, true, r.money_day
                FROM (SELECT * FROM reservations WHERE id = \(id) AND state = 'open' FOR UPDATE SKIP LOCKED) r
                JOIN jobs j ON j.id = r.job_id
                """)
            guard added == 1 else { return false }
            _ = try await connection.query("SELECT end_reservation(\(id), 'in_doubt', 0)")
            return true
        }
    }
}
