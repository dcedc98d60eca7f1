import Foundation
import Postgres

/// What a transition costs by itself: the rows that a begin and an end write, in two transactions of one round trip each,
/// through the same pool. Nothing is guarded, and nobody is woken.
struct TransitionFloor {
    private let database: PostgresPool

    init(_ database: PostgresPool) { self.database = database }

    /// Transitions a second, eight at once.
    func run(_ count: Int) async throws -> Double {
        try await database.execute(
            "INSERT INTO workers (name, incarnation, stage, host, pid, version, slots) VALUES ('floor', gen_random_uuid(), 'script', 'here', 1, '1', 1) ON CONFLICT DO NOTHING"
        )
        let rows = try await database.query(
            """
            INSERT INTO jobs (user_id, channel_id, kind, production_day, priority, trace)
            SELECT user_id, id, 'extra', '2026-01-05', 'daily', uuid_send(gen_random_uuid()) || '\\x0102030405060708'
              FROM channels, generate_series(1, 1000) LIMIT \(count) RETURNING id
            """)
        let jobs = try rows.map { try $0.get("id", as: Int64.self) }
        let seconds = try await Timing.seconds {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for lane in 0..<8 {
                    group.addTask {
                        for place in stride(from: lane, to: jobs.count, by: 8) { try await transition(jobs[place]) }
                    }
                }
                try await group.waitForAll()
            }
        }
        return Double(jobs.count) / seconds
    }

    private func transition(_ job: Int64) async throws {
        let attempt = UUID()
        _ = try await database.run([
            "UPDATE jobs SET state = 'running', fence = fence + 1, updated_at = now() WHERE id = \(job)",
            """
            INSERT INTO attempts (id, job_id, stage, fence, alone, worker, incarnation, epoch)
            VALUES (\(attempt), \(job), 'script', 1, false, 'floor', '00000000-0000-0000-0000-000000000000', '')
            """,
        ])
        _ = try await database.run([
            "UPDATE jobs SET state = 'published', updated_at = now(), finished_at = now() WHERE id = \(job)",
            "UPDATE attempts SET state = 'succeeded', ended_at = now() WHERE id = \(attempt)",
            """
            INSERT INTO cost_rows (id, job_id, user_id, channel_id, attempt_id, stage, provider, item, quantity, unit,
                                   price_micros, price_units, amount, money_day)
            SELECT gen_random_uuid(), j.id, j.user_id, j.channel_id, \(attempt), 'script', 'own', item, 1, 'ms', 1, 1, 1,
                   current_date
              FROM jobs j, unnest(ARRAY['cpu', 'wall']) item WHERE j.id = \(job)
            """,
            "SELECT record_spending('video', \(job)::bigint::text, 3000000, 2)",
            "SELECT record_spending('day', current_date::text, 150000000, 2)",
        ])
    }
}
