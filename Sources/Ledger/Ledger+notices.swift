package import FoundationEssentials
import Postgres
import Production

/// A notice on its way to a receiver.
package struct WebhookDelivery: Sendable, Equatable {
    /// The same at every try, and for every receiver.
    package let notice: UUID
    package let target: String
    package let kind: String
    /// What is sent, byte for byte the same at every try.
    package let body: String
    /// This one included.
    package let tries: Int
    /// When it is given up.
    package let deadline: Date
}

package enum WebhookOutcome: Sendable, Equatable {
    case delivered
    case again(after: Duration)
    case givenUp
}

/// What a person sees of deliveries.
package struct WebhookCounts: Sendable, Equatable, Codable {
    package let pending: Int
    package let givenUp: Int

    package init(pending: Int, givenUp: Int) { (self.pending, self.givenUp) = (pending, givenUp) }
}

extension Ledger {
    /// Gives each receiver its delivery of what happened since this was last done. Whoever does so at the same time takes
    /// others.
    package func spreadNotices(to targets: [String]) async throws {
        try await database.execute(
            """
            WITH fresh AS (
                SELECT id, at, kind FROM notices WHERE NOT is_spread ORDER BY at LIMIT 500 FOR UPDATE SKIP LOCKED
            ), made AS (
                INSERT INTO webhook_deliveries (notice_id, target)
                SELECT f.id, t.target FROM fresh f, unnest(\(targets)::text[]) AS t(target)
                 WHERE f.at > now() - \(Self.patience)::interval AND f.kind <> 'webhook.given_up'
                ON CONFLICT DO NOTHING)
            UPDATE notices n SET is_spread = true FROM fresh f WHERE n.id = f.id
            """)
    }

    /// Takes deliveries that are due, for a minute: nobody else tries them in that time.
    package func takeDeliveries(to targets: [String], limit: Int = 50) async throws -> [WebhookDelivery] {
        try await database.query(
            """
            UPDATE webhook_deliveries d SET tries = d.tries + 1, next_at = now() + interval '1 minute'
              FROM notices n
             WHERE n.id = d.notice_id AND (d.notice_id, d.target) IN (
                SELECT w.notice_id, w.target FROM webhook_deliveries w
                 WHERE w.state = 'pending' AND w.target = ANY (\(targets)::text[]) AND w.next_at <= now()
                 ORDER BY w.next_at LIMIT \(Int64(limit)) FOR UPDATE SKIP LOCKED)
            RETURNING n.id, d.target, n.kind, d.tries::bigint AS tries, n.at + \(Self.patience)::interval AS deadline,
                jsonb_build_object('event_id', n.id, 'type', n.kind, 'data', n.body,
                    'at', to_char(n.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text AS body
            """
        ).map { row in
            try WebhookDelivery(
                notice: row.get("id"), target: row.get("target"), kind: row.get("kind"), body: row.get("body"),
                tries: Int(row.get("tries", as: Int64.self)), deadline: row.get("deadline"))
        }
    }

    /// Notes what came of a try. What is given up is itself a notice, which is not delivered.
    ///
    /// - Parameter answer: what came back, without secrets.
    package func end(_ delivery: WebhookDelivery, _ outcome: WebhookOutcome, answer: String) async throws {
        switch outcome {
        case .delivered:
            try await database.execute(
                """
                UPDATE webhook_deliveries SET state = 'delivered', ended_at = now(), answer = \(answer)
                 WHERE notice_id = \(delivery.notice) AND target = \(delivery.target) AND state = 'pending'
                """)
        case .again(let pause):
            try await database.execute(
                """
                UPDATE webhook_deliveries SET answer = \(answer), next_at = now() + \("\(pause.milliseconds) ms")::interval
                 WHERE notice_id = \(delivery.notice) AND target = \(delivery.target) AND state = 'pending'
                """)
        case .givenUp:
            try await database.execute(
                """
                WITH ended AS (
                    UPDATE webhook_deliveries SET state = 'given_up', ended_at = now(), answer = \(answer)
                     WHERE notice_id = \(delivery.notice) AND target = \(delivery.target) AND state = 'pending'
                    RETURNING target, tries)
                INSERT INTO notices (kind, body, is_spread)
                SELECT 'webhook.given_up', jsonb_build_object('event_id', \(delivery.notice)::uuid, 'type', \(delivery.kind)::text,
                           'target', e.target, 'tries', e.tries, 'answer', \(answer)::text), true
                  FROM ended e
                """)
        }
    }

    /// Of the last day.
    package func webhookCounts() async throws -> WebhookCounts {
        let row = try await database.query(
            """
            SELECT count(*) FILTER (WHERE state = 'pending') AS pending,
                   count(*) FILTER (WHERE state = 'given_up' AND ended_at > now() - interval '1 day') AS given_up
              FROM webhook_deliveries WHERE state <> 'delivered'
            """
        ).only("answer")
        return try WebhookCounts(
            pending: Int(row.get("pending", as: Int64.self)), givenUp: Int(row.get("given_up", as: Int64.self)))
    }

    /// Forgets what was told so long ago.
    package func forgetNotices(olderThan age: Duration) async throws {
        try await database.execute(
            "DELETE FROM notices WHERE at < now() - \("\(max(age.milliseconds, 172_800_000)) ms")::interval")
    }

    /// How long a receiver may be away.
    private static let patience = "1 day"
}
