package import FoundationEssentials
import Postgres
package import Production

/// Something a person has stopped.
package struct PauseReport: Sendable, Codable {
    /// `fleet`, `stage` or `user`
    package let scope: String
    /// The stage, or the user's name; empty for the fleet.
    package let key: String
    package let reason: String
    package let since: Date
}

extension Ledger {
    package func pauses() async throws -> [PauseReport] {
        try await database.query(
            """
            SELECT p.scope, COALESCE(u.name, p.key) AS key, p.reason, p.paused_at
            FROM pauses p LEFT JOIN users u ON p.scope = 'user' AND u.id::text = p.key
            ORDER BY array_position(ARRAY['fleet', 'stage', 'user'], p.scope), 2
            """
        ).map {
            try PauseReport(
                scope: $0.get("scope"), key: $0.get("key"), reason: $0.get("reason"), since: $0.get("paused_at"))
        }
    }

    package func pause(user: User, reason: String) async throws {
        try await database.execute(
            """
            INSERT INTO pauses (scope, key, reason) VALUES ('user', \(user.id.description), \(reason))
            ON CONFLICT (scope, key) DO UPDATE SET reason = EXCLUDED.reason
            """)
    }

    /// False if it was not paused.
    package func resume(user: User) async throws -> Bool {
        try await database.execute("DELETE FROM pauses WHERE scope = 'user' AND key = \(user.id.description)") > 0
    }
}
