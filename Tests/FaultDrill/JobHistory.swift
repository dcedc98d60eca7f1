import Postgres
import Redis

extension FaultFleet {
    /// All that is known of a job: its row, its attempts, its publication and money, what Redis has of it, and what the
    /// workers have logged.
    func history(of job: Int64) async -> String {
        let queries: [SQL] = [
            """
            SELECT concat_ws(' ', 'state', state, 'stage', stage, 'fence', fence, 'tries', tries, 'alone', alone,
                'lonely deaths', lonely_deaths, 'due', due_at, 'updated', updated_at, 'error', error)
            FROM jobs WHERE id = \(job)
            """,
            """
            SELECT concat_ws(' ', '#' || fence, stage, state, worker, CASE WHEN alone THEN 'alone' END, started_at::time,
                'to', ended_at::time, error ->> 'answer', id)
            FROM attempts WHERE job_id = \(job) ORDER BY fence
            """,
            "SELECT concat_ws(' ', 'publication', marker, fence, sending_at, published_at, location) FROM publications WHERE job_id = \(job)",
            """
            SELECT concat_ws(' ', 'reservation', provider, amount, state, actual, created_at::time, ended_at::time)
            FROM reservations WHERE job_id = \(job) ORDER BY created_at
            """,
        ]
        var text = "── job \(job)\n"
        for query in queries {
            for line in (try? await texts(query)) ?? ["(Postgres does not answer)"] { text += "\(line)\n" }
        }
        return text + logs(of: job)
    }
}
