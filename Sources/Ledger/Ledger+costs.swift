import Postgres
package import Production

/// A sum of cost rows, grouped by something.
package struct CostLine: Sendable, Codable {
    /// What the sum is of: a stage and item, a user, a provider.
    package let group: String
    package let amount: MicroDollars
    package let inDoubt: MicroDollars
    package let rows: Int64
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
}

/// A ceiling and what stands against it.
package struct CounterReport: Sendable, Codable {
    package let scope: String
    package let key: String
    package let ceiling: MicroDollars
    package let held: MicroDollars
    package let spent: MicroDollars
    package let overrun: MicroDollars
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

    package enum CostGrouping: Sendable { case stage, user, provider, day }

    /// Sums of cost rows, of one money day or user or of all.
    ///
    /// - Parameter day: `YYYY-MM-DD`, in the fleet's zone.
    package func costs(by grouping: CostGrouping, day: String? = nil, user: User.ID? = nil) async throws -> [CostLine] {
        let group: SQL =
            switch grouping {
            case .stage: "r.stage"
            case .user: "u.name"
            case .provider: "r.provider || ' ' || r.item"
            case .day: "r.money_day::text"
            }
        return try await database.query(
            """
            SELECT \(group) AS grp, sum(r.amount)::bigint AS amount, count(*) AS count,
                   COALESCE(sum(r.amount) FILTER (WHERE r.in_doubt), 0)::bigint AS in_doubt
            FROM cost_rows r JOIN users u ON u.id = r.user_id
            WHERE (\(day)::date IS NULL OR r.money_day = \(day)::date)
              AND (\(user?.rawValue)::bigint IS NULL OR r.user_id = \(user?.rawValue)::bigint)
            GROUP BY 1 ORDER BY 1
            """
        ).map {
            try CostLine(
                group: $0.get("grp"), amount: $0.dollars("amount"), inDoubt: $0.dollars("in_doubt"),
                rows: $0.get("count"))
        }
    }

    /// Today by the fleet's calendar, `YYYY-MM-DD`: the money day.
    package func moneyDay() async throws -> String {
        try await database.query("SELECT ((now() AT TIME ZONE \(settings.zone))::date)::text AS day")
            .only("answer").get("day")
    }

    package func counter(_ scope: String, _ key: String) async throws -> CounterReport? {
        try await database.query(
            "SELECT scope, key, ceiling, held, spent, overrun FROM counters WHERE scope = \(scope) AND key = \(key)"
        ).first.map {
            try CounterReport(
                scope: $0.get("scope"), key: $0.get("key"), ceiling: $0.dollars("ceiling"), held: $0.dollars("held"),
                spent: $0.dollars("spent"), overrun: $0.dollars("overrun"))
        }
    }
}
