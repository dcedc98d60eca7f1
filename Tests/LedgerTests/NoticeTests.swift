import Foundation
import Ledger
import Postgres
import Production
import Testing

extension Workshop {
    /// Kinds of what happened, in order.
    fileprivate func kinds() async throws -> [String] {
        try await pool.query("SELECT kind FROM notices ORDER BY at, kind").map { try $0.get(0) }
    }

    fileprivate func reservation(
        _ attempt: OpenAttempt, _ amount: Int64, id: UUID = UUID(), provider: ProviderName = "openai",
        ceiling: Int64 = 1_000_000
    ) throws -> ReservationRequest {
        let hash = try #require(RequestHash(bytes: (0..<32).map { _ in UInt8.random(in: 0...255) }))
        return ReservationRequest(
            id: id, attempt: attempt.id, provider: provider, item: "tokens", upperBound: MicroDollars(amount),
            request: hash, timeLimit: .seconds(60), limits: ProviderLimits(dayCeiling: MicroDollars(ceiling)))
    }
}

@Suite struct `A budget` {
    @Test func `warns once when four fifths of it are reached, whether held or spent`() async throws {
        let shop = try await Workshop(videoCeiling: 1_000, dayCeiling: 100_000)
        let attempt = try await shop.begin(shop.job(), by: shop.worker())
        let ids = (0..<4).map { _ in UUID() }
        #expect(try await shop.ledger.reserve(shop.reservation(attempt, 799, id: ids[0])) == .reserved)
        #expect(try await shop.kinds() == [])
        #expect(try await shop.ledger.reserve(shop.reservation(attempt, 1, id: ids[1])) == .reserved)
        #expect(try await shop.kinds() == ["budget.warning"])
        let told = try await shop.pool.query(
            "SELECT body->>'scope' AS s, body->>'key' AS k, (body->>'held_micro_usd')::bigint AS h, (body->>'ceiling_micro_usd')::bigint AS c FROM notices"
        )[0]
        #expect(try told.get("s", as: String.self) == "video")
        #expect(try told.get("k", as: String.self) == attempt.job.description)
        #expect(try told.get("h", as: Int64.self) == 800)
        #expect(try told.get("c", as: Int64.self) == 1_000)
        // Down and up again is no other crossing.
        try await shop.ledger.end(ReservationEnd(ids[0], .released))
        #expect(try await shop.ledger.reserve(shop.reservation(attempt, 900, id: ids[2])) == .reserved)
        try await shop.ledger.end(ReservationEnd(ids[2], .inDoubt))
        #expect(try await shop.kinds() == ["budget.warning"])
        // A ceiling that was raised may be neared once more.
        try await shop.pool.execute("SELECT change_ceiling('video', \(attempt.job.description), 2000)")
        #expect(try await shop.ledger.reserve(shop.reservation(attempt, 700, id: ids[3])) == .reserved)
        #expect(try await shop.kinds() == ["budget.warning", "budget.warning"])
    }

    @Test func `warns of the day and of the provider each for itself`() async throws {
        let shop = try await Workshop(videoCeiling: 100_000, dayCeiling: 1_000)
        let attempt = try await shop.begin(shop.job(), by: shop.worker())
        #expect(try await shop.ledger.reserve(shop.reservation(attempt, 400, ceiling: 500)) == .reserved)
        #expect(try await shop.ledger.reserve(shop.reservation(attempt, 400, provider: "pexels")) == .reserved)
        let scopes = try await shop.pool.query("SELECT body->>'scope' AS scope FROM notices ORDER BY 1")
            .map { try $0.get("scope", as: String.self) }
        #expect(scopes == ["day", "provider"])
    }

    @Test func `does not warn of what was refused`() async throws {
        let shop = try await Workshop(videoCeiling: 100_000, dayCeiling: 1_000)
        let attempt = try await shop.begin(shop.job(), by: shop.worker())
        // Held on trial on the provider's counter, and given back within the transaction.
        #expect(try await shop.ledger.reserve(shop.reservation(attempt, 1_001, ceiling: 1_100)) == .refused(by: .day))
        #expect(try await shop.ledger.reserve(shop.reservation(attempt, 700)) == .reserved)
        let answers = try await shop.ledger.reserve([shop.reservation(attempt, 90), shop.reservation(attempt, 300)])
        #expect(answers == [.reserved, .refused(by: .day)])
        #expect(try await shop.kinds() == [])
    }

    @Test func `warns once though many near it at once`() async throws {
        let shop = try await Workshop(videoCeiling: 1_000_000, dayCeiling: 1_000, size: 8)
        let attempt = try await shop.begin(shop.job(), by: shop.worker())
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask { _ = try? await shop.ledger.reserve([shop.reservation(attempt, 10)]) }
            }
        }
        #expect(try await shop.ledger.counter("day", shop.ledger.moneyDay())?.held == 1_000)
        #expect(try await shop.kinds() == ["budget.warning"])
    }
}

@Suite struct `A notice` {
    @Test func `is written with what happened to a job, and tells of its cost`() async throws {
        let shop = try await Workshop()
        let job = try await shop.job(at: .upload)
        let attempt = try await shop.begin(job, .upload, by: shop.worker("up", stage: .upload))
        _ = try await shop.ledger.openPublication(for: attempt, marker: "m", provider: "offline")
        try await shop.ledger.markPublished(job, as: PublishedVideo(remoteID: "v1", location: "/srv/v1.mp4"))
        _ = try await shop.ledger.end(
            attempt, .succeeded(StageResult()), AttemptRecord(provider: "offline", costs: [cost(7)]))
        let row = try await shop.pool.query(
            "SELECT kind, (body->>'job')::bigint AS job, body->>'location' AS location, (body->>'cost_micro_usd')::bigint AS cost, body->>'channel' AS channel FROM notices"
        ).first
        #expect(try row?.get("kind", as: String.self) == "job.published")
        #expect(try row?.get("job", as: Int64.self) == job.rawValue)
        #expect(try row?.get("location", as: String.self) == "/srv/v1.mp4")
        #expect(try row?.get("cost", as: Int64.self) == 7)
        #expect(try row?.get("channel", as: String.self) == "News")
    }

    @Test func `tells of jobs that failed or are held, and of nothing else`() async throws {
        let shop = try await Workshop()
        let jobs = [try await shop.job(), try await shop.job(), try await shop.job()]
        try await shop.pool.execute(
            "UPDATE jobs SET state = 'dead', finished_at = now() WHERE id = \(jobs[0].rawValue)")
        try await shop.pool.execute(
            "UPDATE jobs SET state = 'held', held_because = 'review' WHERE id = \(jobs[1].rawValue)")
        try await shop.cancel(jobs[2])
        #expect(try await Set(shop.kinds()) == ["job.failed", "job.held"])
        #expect(try await shop.kinds().count == 2)
        // What is undone was never there.
        await #expect(throws: Unexpected.self) {
            try await shop.pool.transaction { connection in
                try await connection.execute(
                    "UPDATE jobs SET state = 'queued', held_because = NULL WHERE state = 'held'")
                try await connection.execute(
                    "UPDATE jobs SET state = 'held', held_because = 'review' WHERE id = \(jobs[1].rawValue)")
                throw Unexpected(what: "rolled back")
            }
        }
        #expect(try await shop.kinds().count == 2)
    }
}
