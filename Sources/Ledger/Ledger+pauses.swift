package import FoundationEssentials
import Postgres
package import Production

/// Something a person has stopped.
package struct PauseReport: Sendable, Codable, Equatable {
    /// `fleet`, `stage` or `user`
    package let scope: String
    /// The stage, or the user's name; empty for the fleet.
    package let key: String
    package let reason: String
    package let since: Date
    /// Their login; empty where it was stopped by an older version.
    package let who: String

    package init(scope: String, key: String, reason: String, since: Date, who: String = "") {
        (self.scope, self.key, self.reason, self.since, self.who) = (scope, key, reason, since, who)
    }

    /// Whether it keeps this user's jobs from being begun at this stage.
    package func covers(_ stage: Stage, of user: String) -> Bool {
        scope == "fleet" || scope == "stage" && key == stage.rawValue || scope == "user" && key == user
    }
}

extension Ledger {
    package func pauses() async throws -> [PauseReport] {
        try await database.query(
            """
            SELECT p.scope, COALESCE(u.name, p.key) AS key, p.reason, p.paused_at, p.who
            FROM pauses p LEFT JOIN users u ON p.scope = 'user' AND u.id::text = p.key
            ORDER BY array_position(ARRAY['fleet', 'stage', 'user'], p.scope), 2
            """
        ).map(PauseReport.init)
    }

    /// Stops a stage, or the whole fleet. What is stopped already stays so since then; another reason is put behind the
    /// first one.
    package func pause(_ stage: Stage?, reason: String, by who: String = "") async throws {
        try await pause(stage == nil ? "fleet" : "stage", stage?.rawValue ?? "", reason, who)
    }

    package func pause(user: User, reason: String, by who: String = "") async throws {
        try await pause("user", user.id.description, reason, who)
    }

    private func pause(_ scope: String, _ key: String, _ reason: String, _ who: String) async throws {
        try await database.execute(
            """
            INSERT INTO pauses AS p (scope, key, reason, who) VALUES (\(scope), \(key), \(reason), \(who))
            ON CONFLICT (scope, key) DO UPDATE SET reason = CASE
                WHEN EXCLUDED.reason IN ('', p.reason) THEN p.reason
                WHEN p.reason = '' THEN EXCLUDED.reason ELSE p.reason || '; ' || EXCLUDED.reason END
            """)
    }

    /// False if it was not paused.
    package func resume(_ stage: Stage?) async throws -> Bool {
        try await database.execute(
            """
            DELETE FROM pauses WHERE scope = \(stage == nil ? "fleet" : "stage") AND key = \(stage?.rawValue ?? "")
            """) > 0
    }

    /// False if it was not paused.
    package func resume(user: User) async throws -> Bool {
        try await database.execute("DELETE FROM pauses WHERE scope = 'user' AND key = \(user.id.description)") > 0
    }
}

extension PauseReport {
    init(_ row: PostgresRow) throws {
        try self.init(
            scope: row.get("scope"), key: row.get("key"), reason: row.get("reason"), since: row.get("paused_at"),
            who: row.get("who"))
    }
}
