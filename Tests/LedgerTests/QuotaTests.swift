import Foundation
import Ledger
import Postgres
import Production
import Testing

@Suite struct `A quota` {
    private let uploads = Quota(bucket: "uploads", owner: "project-1", limit: 100)

    @Test func `is never taken beyond its limit, however many ask at once`() async throws {
        let shop = try await Workshop(size: 10)
        let book = LedgerQuotas(shop.ledger)
        let quota = Quota(bucket: "units", owner: "project-1", limit: 100)
        let taken = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<60 {
                group.addTask { (try? await book.take(3, of: quota, for: "youtube")) == nil ? 0 : 3 }
            }
            return await group.reduce(0, +)
        }
        #expect(taken == 99)
        try await book.take(1, of: quota, for: "youtube")
        let use = try #require(try await book.uses().first)
        #expect(use.used == 100 && use.limit == 100 && use.exhaustedUntil == nil)
    }

    @Test func `that is used up parks the job until midnight in California, and others are not touched`() async throws {
        let shop = try await Workshop()
        let book = LedgerQuotas(shop.ledger)
        try await book.take(100, of: uploads, for: "youtube")
        let failure = await #expect(throws: StageFailure.self) { try await book.take(1, of: uploads, for: "youtube") }
        #expect(failure?.kind == .limited(until: try await book.nextReset()))
        try await book.take(1, of: Quota(bucket: "uploads", owner: "project-2", limit: 100), for: "youtube")
        try await book.take(1, of: Quota(bucket: "searches", owner: "project-1", limit: 100), for: "youtube")
        try await book.take(1, of: uploads, for: "another")
        // A limit that was raised counts at once.
        try await book.take(1, of: Quota(bucket: "uploads", owner: "project-1", limit: 101), for: "youtube")
    }

    @Test func `of which more is wanted than any day has is an error for good`() async throws {
        let shop = try await Workshop()
        let failure = await #expect(throws: StageFailure.self) {
            try await LedgerQuotas(shop.ledger).take(101, of: uploads, for: "youtube")
        }
        #expect(failure?.kind == .permanent)
    }

    @Test func `that the provider says is used up is, until it says, over midnight too`() async throws {
        let shop = try await Workshop()
        let book = LedgerQuotas(shop.ledger)
        let until = Date(timeIntervalSince1970: (Date().timeIntervalSince1970 + 2 * 86_400).rounded())
        #expect(try await book.exhausted(uploads, at: "youtube", until: until) == until)
        let failure = await #expect(throws: StageFailure.self) { try await book.take(1, of: uploads, for: "youtube") }
        #expect(failure?.kind == .limited(until: until))
        // Tomorrow's day is another row; the refusal holds all the same.
        let tomorrow = try await shop.number(
            """
            SELECT count(*) FROM take_quota('youtube', 'project-1', 'uploads', 1, 100, now() + interval '1 day')
             WHERE taken IS NULL AND opens = \(until)
            """)
        #expect(tomorrow == 1)
        // What is said without a time holds until the reset; and what was said longer is not shortened.
        #expect(try await book.exhausted(uploads, at: "youtube", until: nil) == until)
        #expect(try await book.uses().map(\.exhaustedUntil) == [until])
        let other = Quota(bucket: "searches", owner: "project-1", limit: 100)
        let reset = try await book.nextReset()
        #expect(try await book.exhausted(other, at: "youtube", until: nil) == reset)
        #expect(try await book.uses().first { $0.bucket == "searches" }?.exhaustedUntil == reset)
    }

    @Test(arguments: [
        // The clocks go forward on the 8th: that day has 23 hours.
        ("2026-03-08 07:59:59+00", "2026-03-07", "2026-03-08 08:00:00+00"),
        ("2026-03-08 08:00:00+00", "2026-03-08", "2026-03-09 07:00:00+00"),
        ("2026-03-09 06:59:59+00", "2026-03-08", "2026-03-09 07:00:00+00"),
        // They go back on 1 November: 25 hours.
        ("2026-11-01 06:59:59+00", "2026-10-31", "2026-11-01 07:00:00+00"),
        ("2026-11-01 09:30:00+00", "2026-11-01", "2026-11-02 08:00:00+00"),
        ("2026-11-02 07:59:59+00", "2026-11-01", "2026-11-02 08:00:00+00"),
    ])
    func `has days that begin at midnight in California, also when its clocks change`(
        moment: String, day: String, reset: String
    ) async throws {
        let shop = try await Workshop()
        #expect(
            try await shop.isTrue(
                """
                SELECT quota_day(\(moment)::timestamptz) = \(day)::date
                   AND quota_day_begins(quota_day(\(moment)::timestamptz) + 1) = \(reset)::timestamptz
                """))
        // Used up in that moment, it opens at the reset and not before.
        #expect(
            try await shop.number("SELECT taken FROM take_quota('p', 'o', 'b', 5, 5, \(moment)::timestamptz)") == 5)
        #expect(
            try await shop.isTrue(
                """
                SELECT taken IS NULL AND opens = \(reset)::timestamptz
                  FROM take_quota('p', 'o', 'b', 1, 5, \(moment)::timestamptz)
                """))
        #expect(try await shop.number("SELECT taken FROM take_quota('p', 'o', 'b', 1, 5, \(reset)::timestamptz)") == 1)
    }
}
