import Foundation
import Logging
import Postgres
import TestServers

/// A pool on a database of its own, which the shared server makes for one test.
func freshPool(
    size: Int = 10, on server: PrivatePostgres? = nil,
    _ adjust: (inout PostgresConfiguration) -> Void = { _ in }
) async throws -> PostgresPool {
    let url =
        if let server { try await server.freshDatabase() } else {
            try await PrivatePostgres.shared.freshDatabase()
        }
    return try pool(url, size: size, adjust)
}

func pool(
    _ url: String, size: Int = 10, _ adjust: (inout PostgresConfiguration) -> Void = { _ in }
) throws -> PostgresPool {
    var configuration = try PostgresConfiguration(url: url)
    configuration.poolSize = size
    adjust(&configuration)
    return PostgresPool(configuration: configuration, logger: quiet)
}

let quiet = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }

/// The error of a call that must fail as `PostgresError`.
func failure<Value>(of body: () async throws -> Value) async -> PostgresError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? PostgresError
    }
}

extension PostgresPool {
    /// How many of this database's other sessions are at work on a statement that contains `text`.
    func sessions(running text: String) async throws -> Int {
        try await query(
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active'
              AND strpos(query, \(text)) > 0
            """)[0].get(0)
    }

    /// Asks again and again until another session runs such a statement.
    func untilSomeone(runs text: String) async throws {
        while try await sessions(running: text) == 0 { await Task.yield() }
    }
}
