import Postgres
package import Production

/// A job that the day's opening made.
package struct OpenedJob: Sendable, Equatable {
    package let job: DueJob
    package let userID: User.ID
    package let user: String
    package let channel: String
    package let day: String
}

extension Ledger {
    /// Who is due, and which channel's turn it is: the rule of the day is `due_users`. Postgres keeps the calendar.
    private func dueUsers(
        day: String?, user: User.ID?, catchUp: Duration, after: User.ID?, through: User.ID?, limit: Int
    ) -> SQL {
        let first = max(user.map { $0.rawValue - 1 } ?? 0, after?.rawValue ?? 0)
        let last = min(user?.rawValue ?? .max, through?.rawValue ?? .max)
        return """
            SELECT * FROM due_users(
                \(day)::date, \(settings.zone)::text, \("\(catchUp.milliseconds) milliseconds")::interval,
                \(first), \(last), \(Int64(limit)))
            """
    }

    /// Opens the production day for up to `limit` due users after the given one, and up to another. Running it twice, or
    /// side by side, opens each user's day once.
    ///
    /// - Parameter day: `YYYY-MM-DD`, or nil for each user's own today.
    package func openDay(
        _ day: String? = nil, user: User.ID? = nil, catchUp: Duration = .seconds(6 * 3_600), after: User.ID? = nil,
        through: User.ID? = nil, limit: Int = 5_000
    ) async throws -> [OpenedJob] {
        try await database.query(
            opening(day, user: user, catchUp: catchUp, after: after, through: through, limit: limit)
        ).map(OpenedJob.init)
    }

    func opening(
        _ day: String?, user: User.ID?, catchUp: Duration, after: User.ID?, through: User.ID?, limit: Int
    ) -> SQL {
        let due = dueUsers(day: day, user: user, catchUp: catchUp, after: after, through: through, limit: limit)
        return """
            WITH due AS (\(due)),
            opened AS (
                INSERT INTO jobs (user_id, channel_id, kind, partition, production_day, priority, trace)
                SELECT user_id, channel_id, 'daily', (user_id % \(Int64(settings.partitions)))::smallint, day, 'daily',
                       uuid_send(gen_random_uuid()) || int8send(1 + floor(random() * 9e18)::bigint)
                  FROM due
                ON CONFLICT (user_id, production_day) WHERE kind = 'daily' DO NOTHING
                RETURNING id, user_id, channel_id, stage, priority, partition, trace),
            served AS (
                UPDATE channels SET last_served_at = clock_timestamp() FROM opened WHERE channels.id = opened.channel_id)
            SELECT o.id, o.stage, o.priority, o.partition::bigint AS partition, o.trace, 0::bigint AS due_in_ms,
                   due.user_name, due.channel_name, due.day::text AS day, o.user_id
              FROM opened o JOIN due USING (user_id) ORDER BY o.user_id
            """
    }

    /// The newest user; nil when there is none.
    package func newestUser() async throws -> User.ID? {
        try await database.query("SELECT max(id) AS id FROM users").first?.get("id", as: Int64?.self).map(User.ID.init)
    }

    /// The same users and channels as `openDay` would open, without opening.
    package func previewDay(
        _ day: String? = nil, user: User.ID? = nil, catchUp: Duration = .seconds(6 * 3_600), after: User.ID? = nil,
        through: User.ID? = nil, limit: Int = 5_000
    ) async throws -> [(user: String, channel: String, day: String)] {
        let due = dueUsers(day: day, user: user, catchUp: catchUp, after: after, through: through, limit: limit)
        return try await database.query("SELECT user_name, channel_name, day::text AS day FROM (\(due)) due").map {
            try ($0.get("user_name"), $0.get("channel_name"), $0.get("day"))
        }
    }

    /// When and on which channel a user's next daily video comes.
    package func nextVideo(for user: User) async throws -> NextVideo? {
        let rows = try await database.query(
            """
            SELECT c.name AS channel_name, zone,
                   to_char(next.day + c.daily_at, 'YYYY-MM-DD HH24:MI') AS local_time,
                   (next.day + c.daily_at) AT TIME ZONE zone AS instant
              FROM (SELECT COALESCE(\(user.timeZone), \(settings.zone)::text) AS zone) z
             CROSS JOIN LATERAL (SELECT now() AT TIME ZONE zone AS local) l
             CROSS JOIN LATERAL (
                SELECT id, name, daily_at FROM channels
                 WHERE user_id = \(user.id.rawValue) AND state = 'active'
                 ORDER BY last_served_at NULLS FIRST, id LIMIT 1) c
             CROSS JOIN LATERAL (
                SELECT CASE WHEN EXISTS (SELECT FROM jobs WHERE user_id = \(user.id.rawValue) AND kind = 'daily'
                                            AND production_day = l.local::date)
                            THEN l.local::date + 1 ELSE l.local::date END AS day) next
            """)
        return try rows.first.map {
            try NextVideo(
                channel: $0.get("channel_name"), localTime: $0.get("local_time"), zone: $0.get("zone"),
                instant: $0.get("instant"))
        }
    }
}

extension OpenedJob {
    init(_ row: PostgresRow) throws {
        try self.init(
            job: DueJob(row), userID: row.identifier("user_id"), user: row.get("user_name"),
            channel: row.get("channel_name"), day: row.get("day"))
    }
}
