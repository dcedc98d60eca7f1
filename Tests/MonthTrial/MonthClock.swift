import Foundation
import Postgres
import Synchronization

/// The time of a simulated month, for Swift and for Postgres: the real one, moved on by so many seconds.
///
/// In the month's database `now()` and `clock_timestamp()` are functions of its own, found before Postgres'. They are written anew
/// each time the clock is turned, with the seconds as a constant in them: so queries plan and run as with the real ones.
final class MonthClock: Sendable {
    private let seconds = Mutex(0)

    var now: Date { Date() + Double(seconds.withLock { $0 }) }

    /// Once, before there are tables whose defaults are the time.
    ///
    /// - Parameter pool: its sessions do not see the clock; later ones do.
    func putUp(in pool: PostgresPool) async throws {
        try await turn(to: Date(), in: pool)
        try await pool.execute(
            """
            DO $$ BEGIN
                EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog', current_database());
            END $$
            """)
    }

    /// Nothing may be under way: a call's time would run out at once.
    func turn(to moment: Date, in pool: PostgresPool) async throws {
        let ahead = Int(moment.timeIntervalSinceNow.rounded())
        for function in ["now", "clock_timestamp"] {
            try await pool.execute(
                SQL(
                    stringLiteral: """
                        CREATE OR REPLACE FUNCTION public.\(function)() RETURNS timestamptz LANGUAGE sql
                        \(function == "now" ? "STABLE" : "VOLATILE")
                        AS $$ SELECT pg_catalog.\(function)() + interval '\(ahead) seconds' $$
                        """))
        }
        seconds.withLock { $0 = ahead }
    }
}
