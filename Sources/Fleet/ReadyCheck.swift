import Ledger
package import Logging
import Postgres
import Production
import Redis
import StageQueue
import Telemetry

/// What must hold before an executable works: both servers answer, the schema is the one it knows, and Redis is one that
/// keeps what it is given.
package struct ReadyCheck: Sendable {
    let services: FleetServices
    let logger: Logger

    package init(services: FleetServices, logger: Logger) { (self.services, self.logger) = (services, logger) }

    /// Waits for the servers with backoff. False if the worker is to stop first.
    ///
    /// - Parameter waits: is told at once, and after each try, what is waited for.
    /// - Throws: `ReadyError` if the schema or the Redis server is not right: waiting would not help.
    func wait(unless drain: DrainSwitch, waits: @escaping @Sendable (String) -> Void) async throws -> Bool {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                await drain.drained()
                return false
            }
            group.addTask {
                try await untilReady(waits)
                return true
            }
            defer { group.cancelAll() }
            return try await group.next() ?? false
        }
    }

    private func untilReady(_ waits: @Sendable (String) -> Void) async throws {
        let backoff = Backoff(base: .milliseconds(250), cap: .seconds(5))
        var random = SystemRandomNumberGenerator()
        var failures = 0
        waits("waiting for Postgres and Redis")
        while true {
            do {
                return try await check()
            } catch let error as ReadyError {
                throw error
            } catch {
                try Task.checkCancellation()
                failures += 1
                logger.warning("not ready", metadata: [LogKey.error: "\(error)"])
                waits("waiting for \(error is PostgresError ? "Postgres" : "Redis"): \(error)")
                try await Task.sleep(for: backoff.delay(afterFailures: failures, using: &random))
            }
        }
    }

    /// Looks once.
    package func check() async throws {
        try await checkDatabase()
        for finding in try await services.queue.checkServer() where finding.severity == .required {
            throw ReadyError(message: "\(finding)")
        }
    }

    /// The half of it that needs no Redis.
    package func checkDatabase() async throws {
        let plan: Migrator.Plan
        do {
            plan = try await Migrator(migrations: ledgerMigrations).plan(on: services.database)
        } catch let error as PostgresError where error.code == .migration {
            throw ReadyError(message: "\(error)")
        }
        guard plan.pending.isEmpty else {
            let names = plan.pending.map(\.name).joined(separator: ", ")
            throw ReadyError(message: "The database lacks \(names). Run `ytempire migrate`.")
        }
        do {
            try await services.ledger.checkZone(services.configuration.zone)
        } catch let error as LedgerError {
            throw ReadyError(message: "fleet.zone: \(error.message)")
        }
    }
}

/// Something that keeps an executable from starting, and what to do about it. Programs end with exit code 78, as for a
/// wrong configuration: a person must mend it, and a supervisor's trying again would not.
package struct ReadyError: Error, Sendable, CustomStringConvertible {
    package static let exitCode = ConfigurationError.exitCode

    package let message: String
    package var description: String { message }
}
