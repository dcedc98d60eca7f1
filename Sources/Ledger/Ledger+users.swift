import Postgres
package import Production

extension Ledger {
    /// - Throws: `LedgerError` if the name is taken, or Postgres does not know the zone.
    package func addUser(named name: String, timeZone: String?) async throws -> User {
        try await checkZone(timeZone)
        let rows = try await database.query(
            """
            INSERT INTO users (name, time_zone) VALUES (\(name), \(timeZone))
            ON CONFLICT (name) DO NOTHING RETURNING id, name, time_zone
            """)
        guard let row = rows.first else { throw LedgerError(.alreadyThere, "There is a user named \(name) already.") }
        return try User(row)
    }

    package func users() async throws -> [User] {
        try await database.query("SELECT id, name, time_zone FROM users ORDER BY name").map(User.init)
    }

    /// - Throws: `LedgerError(.notFound)`
    package func user(named name: String) async throws -> User {
        let rows = try await database.query("SELECT id, name, time_zone FROM users WHERE name = \(name)")
        guard let row = rows.first else {
            throw LedgerError(
                .notFound, noSuch("user", name, among: try await users().map(\.name), seeing: "ytempire user list"))
        }
        return try User(row)
    }

    package func editUser(_ user: User.ID, name: String?, timeZone: String?) async throws -> User {
        try await checkZone(timeZone)
        do {
            let rows = try await database.query(
                """
                UPDATE users SET name = COALESCE(\(name), name), time_zone = COALESCE(\(timeZone), time_zone)
                WHERE id = \(user.rawValue) RETURNING id, name, time_zone
                """)
            guard let row = rows.first else { throw LedgerError(.notFound, "There is no user \(user).") }
            return try User(row)
        } catch let error as PostgresError where error.isUniqueViolation {
            throw LedgerError(.alreadyThere, "There is a user named \(name ?? "") already.")
        }
    }

    /// Refuses a zone that Postgres, which computes the days, does not know; nil is always right.
    package func checkZone(_ zone: String?) async throws {
        guard let zone else { return }
        let known = try await database.query(
            "SELECT FROM pg_timezone_names WHERE name = \(zone) AND name !~ '^(posix|right)/'")
        guard known.isEmpty else { return }
        let like = try await database.query(
            """
            SELECT name FROM pg_timezone_names
            WHERE name ILIKE \("%" + zone + "%") AND name ~ '/' AND name !~ '^(posix|right)/' ORDER BY name LIMIT 3
            """)
        let names = try like.map { try $0.get("name", as: String.self) }
        let hint = names.isEmpty ? "Europe/Berlin or America/New_York" : names.joined(separator: ", ")
        throw LedgerError(.invalid, "There is no time zone named \(zone). Use an IANA name, such as \(hint).")
    }
}

extension User {
    init(_ row: PostgresRow) throws {
        try self.init(id: ID(row.get("id")), name: row.get("name"), timeZone: row.get("time_zone"))
    }
}
