import Foundation
import Postgres
import Production
import Testing

@testable import Ledger

/// A ledger with a past and a crowd: what stands in it must not be felt by whoever begins and ends one attempt.
@Suite struct `With much history and many waiting` {
    private static let jobs = 20_000

    private func crowded() async throws -> (Workshop, WorkerIdentity) {
        let shop = try await Workshop()
        _ = try await shop.user("u", channels: ["News"])
        let worker = try await shop.worker()
        for statement: SQL in [
            """
            INSERT INTO jobs (user_id, channel_id, kind, production_day, priority, trace, state, stage, fence, finished_at)
            SELECT user_id, id, 'extra', '2026-01-05', 'daily', decode(repeat('01', 24), 'hex'), 'published', 'upload', 1,
                   now() - interval '3 days' FROM channels, generate_series(1, \(Self.jobs))
            """,
            """
            INSERT INTO attempts (id, job_id, stage, fence, state, alone, worker, incarnation, epoch, ended_at)
            SELECT gen_random_uuid(), id, 'upload', 1, 'succeeded', false, 'w1', gen_random_uuid(), '', now() FROM jobs
            """,
            """
            INSERT INTO cost_rows (id, job_id, user_id, channel_id, attempt_id, stage, provider, item, quantity, unit,
                                   price_micros, price_units, amount, money_day)
            SELECT gen_random_uuid(), a.job_id, j.user_id, j.channel_id, a.id, 'upload', 'own', 'cpu', 1, 'ms', 1, 1, 1,
                   '2026-01-05' FROM attempts a JOIN jobs j ON j.id = a.job_id
            """,
            """
            INSERT INTO jobs (user_id, channel_id, kind, production_day, priority, trace, state, stage)
            SELECT user_id, id, 'extra', '2026-01-06', 'daily', decode(repeat('01', 24), 'hex'), 'queued', 'script'
              FROM channels, generate_series(1, \(Self.jobs))
            """,
        ] { try await shop.pool.execute(statement) }
        return (shop, worker)
    }

    /// How many pages a statement touches, in a run of it.
    private func pages(_ statement: SQL, in shop: Workshop) async throws -> Int {
        let rows = try await shop.pool.query("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) \(statement)")
        let plans = try JSONSerialization.jsonObject(with: Data(rows[0].get(0, as: String.self).utf8))
        let plan = try #require(((plans as? [[String: Any]])?.first)?["Plan"] as? [String: Any])
        let hit = try #require(plan["Shared Hit Blocks"] as? Int)
        let read = try #require(plan["Shared Read Blocks"] as? Int)
        return hit + read
    }

    /// The tables were never analysed, as after a day of which autovacuum saw nothing, or have been.
    @Test(arguments: [false, true])
    func `a begin, an end, a page of reconcile and of openings touch few pages`(analysed: Bool) async throws {
        let (shop, worker) = try await crowded()
        if analysed { try await shop.pool.execute("ANALYZE") }
        let last = try await shop.number("SELECT max(id) FROM jobs")
        for job in [last, last - 1, last - 2] {
            let question = BeginQuestion(
                attempt: UUID(), job: Job.ID(job), stage: .script, worker: worker, epoch: "e", alone: false)
            let begun = try await pages(shop.ledger.beginning([question], patient: false), in: shop)
            let attempt = OpenAttempt(id: question.attempt, job: question.job, stage: .script, fence: 1)
            let end = EndQuestion(
                attempt: attempt, end: .succeeded(StageResult(title: "T", usedItem: "item \(job)")),
                record: AttemptRecord(costs: [try cost(1), try cost(2, item: "wall")]))
            let ended = try await pages(EndBatch([end]).statement(shop.ledger.settings, patient: false), in: shop)
            #expect(try await shop.attemptState(attempt.id) == .succeeded)
            // A session's first call reads the catalogues, too.
            if job != last { #expect(begun < 200 && ended < 300) }
        }
        // A hundred rows; an index that knew of all history would cost thousands.
        let page = shop.ledger.unfinished(after: Job.ID(last - 5_000), quiet: .zero, limit: 100)
        #expect(try await pages(page, in: shop) < 1_500)
        let opening = shop.ledger.opening(
            "2026-02-01", user: nil, catchUp: .seconds(3_600), after: nil, through: nil, limit: 100)
        #expect(try await pages(opening, in: shop) < 500)
    }

    @Test(arguments: [false, true])
    func `an opening does not read the days that its users have had`(analysed: Bool) async throws {
        let shop = try await Workshop()
        for statement: SQL in [
            "INSERT INTO users (name) SELECT 'user ' || n FROM generate_series(1, 100) n",
            """
            INSERT INTO channels (user_id, name, slug, source, language, orientation, palette, length_seconds, daily_at)
            SELECT id, 'News', 'news-' || id, '/feed', 'en', 'landscape', 'ocean', 90, '09:00' FROM users
            """,
            """
            INSERT INTO jobs (user_id, channel_id, kind, production_day, priority, trace)
            SELECT user_id, id, 'daily', date '2025-01-01' + n, 'daily', decode(repeat('01', 24), 'hex')
              FROM channels, generate_series(1, 300) n
            """,
        ] { try await shop.pool.execute(statement) }
        if analysed { try await shop.pool.execute("ANALYZE") }
        let look: (String) -> SQL = { "SELECT * FROM due_users(\($0)::date, 'UTC', '1 hour', 0, 100, 100)" }
        _ = try await pages(look("2026-01-05"), in: shop)  // a session's first call reads the catalogues, too
        #expect(try await pages(look("2026-01-05"), in: shop) < 600, "nobody's day is open")
        #expect(try await pages(look("2025-10-20"), in: shop) < 600, "everybody's is")
    }

    @Test func `a walk through them is done in pages, and goes on where it stopped`() async throws {
        let (shop, _) = try await crowded()
        try await shop.ledger.pause(.script, reason: "")
        let page = try await shop.ledger.jobsToDispatch(after: nil, quiet: .zero, limit: 500)
        #expect(page.jobs.isEmpty, "all are paused, and still the walk goes on")
        let last = try #require(page.last)
        #expect(try await shop.ledger.standing(of: "walk") == nil)
        try await shop.ledger.setStanding(of: "walk", at: last)
        #expect(try await shop.ledger.standing(of: "walk") == last)
        _ = try await shop.ledger.resume(.script)
        let next = try await shop.ledger.jobsToDispatch(after: last, quiet: .zero, limit: 500)
        #expect(next.jobs.count == 500 && next.jobs.allSatisfy { $0.id > last })
        try await shop.ledger.setStanding(of: "walk", at: nil)
        #expect(try await shop.ledger.standing(of: "walk") == nil)
    }
}
