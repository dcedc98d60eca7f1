package import FoundationEssentials
import Postgres
package import Production

/// A sum of cost rows, grouped by something.
package struct CostLine: Sendable, Codable {
    /// What the sum is of: a stage and item, a user, a provider.
    package let group: String
    package let amount: MicroDollars
    package let inDoubt: MicroDollars
    package let rows: Int64
    package let jobs: Int64

    private enum CodingKeys: String, CodingKey {
        case group, rows, jobs
        case amount = "amountMicroUSD"
        case inDoubt = "inDoubtMicroUSD"
    }
}

/// One cost row as `job show` and `cost job` tell it.
package struct CostRow: Sendable, Codable {
    package let stage: Stage
    package let provider: String
    package let item: String
    package let quantity: Int64
    package let unit: String
    package let priceMicros: Int64
    package let priceUnits: Int64
    package let amount: MicroDollars
    package let inDoubt: Bool

    private enum CodingKeys: String, CodingKey {
        case stage, provider, item, quantity, unit, priceUnits, inDoubt
        case priceMicros = "priceMicroUSD"
        case amount = "amountMicroUSD"
    }
}

/// A ceiling and what stands against it.
package struct CounterReport: Sendable, Codable {
    package let scope: String
    package let key: String
    package let ceiling: MicroDollars
    package let held: MicroDollars
    package let spent: MicroDollars
    package let overrun: MicroDollars
    /// When four fifths of the ceiling were reached; nil: not yet.
    package let warnedAt: Date?

    private enum CodingKeys: String, CodingKey {
        case scope, key, warnedAt
        case ceiling = "ceilingMicroUSD"
        case held = "heldMicroUSD"
        case spent = "spentMicroUSD"
        case overrun = "overrunMicroUSD"
    }
}

/// What answers that are kept have saved.
package struct SavingsLine: Sendable, Codable, Equatable {
    package let provider: String
    /// Answers that were paid for.
    package let paid: Int64
    /// How often one of them was read instead of asked for again.
    package let reused: Int64
    /// What that would have cost.
    package let saved: MicroDollars

    private enum CodingKeys: String, CodingKey {
        case provider, paid, reused
        case saved = "savedMicroUSD"
    }
}

extension CounterReport {
    /// Whether four fifths of the ceiling are reached, whether spent or held.
    package var isNearlyUsedUp: Bool {
        let used = held + spent
        return used > .zero && used.rawValue >= ceiling.rawValue - ceiling.rawValue / 5
    }
}

extension Ledger {
    package func costs(of job: Job.ID) async throws -> [CostRow] {
        try await database.query(
            """
            SELECT stage, provider, item, quantity, unit, price_micros, price_units, amount, in_doubt FROM cost_rows
            WHERE job_id = \(job.rawValue) ORDER BY created_at, item
            """
        ).map { row in
            try CostRow(
                stage: row.value("stage"), provider: row.get("provider"), item: row.get("item"),
                quantity: row.get("quantity"), unit: row.get("unit"), priceMicros: row.get("price_micros"),
                priceUnits: row.get("price_units"), amount: row.dollars("amount"), inDoubt: row.get("in_doubt"))
        }
    }

    package enum CostGrouping: Sendable { case all, stage, user, channel, provider, item, day }

    /// Sums of cost rows, of some money days, one user, channel or provider, or of all.
    ///
    /// - Parameters:
    ///   - first: the first money day, `YYYY-MM-DD`, in the fleet's zone; nil for the beginning.
    ///   - last: the last one; nil for whatever is there.
    package func costs(
        by grouping: CostGrouping, from first: String? = nil, through last: String? = nil, user: User.ID? = nil,
        channel: Channel.ID? = nil, provider: String? = nil
    ) async throws -> [CostLine] {
        let group: SQL =
            switch grouping {
            case .all: "'all'"
            case .stage: "r.stage"
            case .user: "u.name"
            case .channel: "u.name || ', ' || c.name"
            case .provider: "r.provider"
            case .item: "r.provider || ' ' || r.item"
            case .day: "r.money_day::text"
            }
        var conditions: [SQL] = []
        if let first { conditions.append("r.money_day >= \(first)::date") }
        if let last { conditions.append("r.money_day <= \(last)::date") }
        if let user { conditions.append("r.user_id = \(user.rawValue)") }
        if let channel { conditions.append("r.channel_id = \(channel.rawValue)") }
        if let provider { conditions.append("r.provider = \(provider)") }
        let condition = conditions.reduce("true" as SQL) { "\($0) AND \($1)" }
        return try await database.query(
            """
            SELECT \(group) AS grp, sum(r.amount)::bigint AS amount, count(*) AS count,
                   count(DISTINCT r.job_id) AS jobs,
                   COALESCE(sum(r.amount) FILTER (WHERE r.in_doubt), 0)::bigint AS in_doubt
            FROM cost_rows r JOIN users u ON u.id = r.user_id JOIN channels c ON c.id = r.channel_id
            WHERE \(condition) GROUP BY 1 ORDER BY 1
            """
        ).map {
            try CostLine(
                group: $0.get("grp"), amount: $0.dollars("amount"), inDoubt: $0.dollars("in_doubt"),
                rows: $0.get("count"), jobs: $0.get("jobs"))
        }
    }

    /// Today by the fleet's calendar, `YYYY-MM-DD`: the money day. Or the day so many days ago.
    package func moneyDay(ago days: Int = 0) async throws -> String {
        try await database.query(
            "SELECT ((now() AT TIME ZONE \(settings.zone))::date - \(Int64(days))::integer)::text AS day"
        ).only("answer").get("day")
    }

    package func counter(_ scope: String, _ key: String) async throws -> CounterReport? {
        try await database.query(
            "SELECT scope, key, ceiling, held, spent, overrun, warned_at FROM counters WHERE scope = \(scope) AND key = \(key)"
        ).first.map(CounterReport.init)
    }

    /// Providers' counters: of one money day (`YYYY-MM-DD`), or of one provider on all days, the latest first.
    package func providerCounters(day: String? = nil, provider: String? = nil) async throws -> [CounterReport] {
        try await database.query(
            """
            SELECT scope, key, ceiling, held, spent, overrun, warned_at FROM counters
            WHERE scope = 'provider' AND (\(day)::text IS NULL OR key LIKE '% ' || \(day)::text)
              AND (\(provider)::text IS NULL OR starts_with(key, \(provider)::text || ' '))
            ORDER BY right(key, 10) DESC, key LIMIT 1000
            """
        ).map(CounterReport.init)
    }

    /// What kept answers have saved, by provider: all of those that are still kept, the most saving first.
    package func savings(provider: String? = nil) async throws -> [SavingsLine] {
        try await database.query(
            """
            SELECT provider, count(*) AS paid, sum(uses)::bigint AS reused, sum(amount * uses)::bigint AS saved
              FROM responses WHERE \(provider)::text IS NULL OR provider = \(provider)::text
             GROUP BY provider ORDER BY saved DESC, provider
            """
        ).map {
            try SavingsLine(
                provider: $0.get("provider"), paid: $0.get("paid"), reused: $0.get("reused"), saved: $0.dollars("saved")
            )
        }
    }

    /// Every provider that has a cost row or a counter.
    package func providers() async throws -> [String] {
        try await database.query(
            """
            SELECT DISTINCT provider FROM cost_rows
            UNION SELECT DISTINCT left(key, -11) FROM counters WHERE scope = 'provider' ORDER BY 1
            """
        ).map { try $0.get(0) }
    }
}

extension CounterReport {
    init(_ row: PostgresRow) throws {
        try self.init(
            scope: row.get("scope"), key: row.get("key"), ceiling: row.dollars("ceiling"), held: row.dollars("held"),
            spent: row.dollars("spent"), overrun: row.dollars("overrun"), warnedAt: row.get("warned_at"))
    }
}
