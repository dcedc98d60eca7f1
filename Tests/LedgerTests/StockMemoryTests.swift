import Foundation
import Ledger
import Postgres
import Production
import Testing

@Suite struct `The memory of stock libraries` {
    private static let key = StockKey("pexels", fingerprint: "0011223344556677")

    private func item(_ id: String, _ kind: StockItem.Kind = .film) -> StockItem {
        StockItem(
            name: .init("pexels", kind, id), page: "https://www.pexels.com/video/\(id)/", author: "Ada", width: 1_920,
            height: 1_080, duration: 8, file: "https://x.example/\(id).mp4", mime: "video/mp4",
            licence: "Pexels License", licencePage: "https://www.pexels.com/license/",
            fetchedAt: Date(timeIntervalSince1970: 1_800_000_000))
    }

    private func use(_ id: String, scene: Int = 0, about: String = "sea", isTold: Bool = true) throws -> StockUse {
        StockUse(
            place: .init(scene: scene, part: 0), about: about, item: item(id), artifact: try artifact(7).id,
            isTold: isTold)
    }

    @Test func `keeps an answer for as long as it is asked for, the latest`() async throws {
        let shop = try await Workshop()
        let ledger = shop.ledger
        #expect(try await ledger.answer(of: "pexels", to: "q=sea", within: .seconds(60)) == nil)
        try await ledger.keep([1], of: "pexels", to: "q=sea")
        try await ledger.keep([2, 0], of: "pexels", to: "q=sea")
        #expect(try await ledger.answer(of: "pexels", to: "q=sea", within: .seconds(60)) == [2, 0])
        #expect(try await ledger.answer(of: "unsplash", to: "q=sea", within: .seconds(60)) == nil)
        try await shop.pool.execute("UPDATE stock_answers SET kept_at = now() - interval '61 seconds'")
        #expect(try await ledger.answer(of: "pexels", to: "q=sea", within: .seconds(60)) == nil)
        try await shop.pool.execute("UPDATE stock_answers SET kept_at = now() - interval '9 days'")
        try await ledger.keep([3], of: "pexels", to: "q=city")
        #expect(try await shop.number("SELECT count(*) FROM stock_answers") == 1, "old ones go")
        #expect(
            try await ledger.stockTally() == [
                StockTally(provider: "pexels", what: .search, made: 0, spared: 1)
            ])
    }

    @Test func `admits exactly as many calls as there may be, over all workers`() async throws {
        let shop = try await Workshop()
        let admitted = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<40 {
                group.addTask { try await shop.ledger.admit(Self.key, calls: 10, within: .seconds(3_600)) == nil }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(admitted == 10)
        let opens = try #require(try await shop.ledger.admit(Self.key, calls: 10, within: .seconds(3_600)))
        #expect((3_000...3_600).contains(opens.timeIntervalSinceNow))
        let other = StockKey("pexels", fingerprint: "another")
        #expect(try await shop.ledger.admit(other, calls: 10, within: .seconds(3_600)) == nil)
        try await shop.pool.execute("UPDATE stock_keys SET period_began = now() - interval '1 hour'")
        #expect(try await shop.ledger.admit(Self.key, calls: 10, within: .seconds(3_600)) == nil)
        #expect(try await shop.ledger.stockTally().first?.made == 12)
    }

    @Test func `keeps closed what was closed for longer`() async throws {
        let shop = try await Workshop()
        let (soon, late) = (Date() + 600, Date() + 6_000)
        try await shop.ledger.note(StockRate(remaining: 0, resetsAt: late, closedUntil: late), of: Self.key)
        try await shop.ledger.note(StockRate(remaining: 5, closedUntil: soon), of: Self.key)
        let rate = try #require(try await shop.ledger.stockRate(of: Self.key))
        #expect(rate.remaining == 5)
        let opens = try #require(try await shop.ledger.admit(Self.key, calls: 10, within: .seconds(60)))
        #expect(abs(opens.timeIntervalSince(late)) < 1)
        try await shop.pool.execute("UPDATE stock_keys SET closed_until = now() - interval '1 second'")
        #expect(try await shop.ledger.admit(Self.key, calls: 10, within: .seconds(60)) == nil)
    }

    @Test func `gives an item to one video of a channel, and to one place of it`() async throws {
        let shop = try await Workshop()
        let user = try await shop.user(channels: ["News", "Sea"])
        let channels = try await shop.ledger.channels(of: user.id)
        let (news, sea) = (channels[0].id, channels[1].id)
        let jobs = [try await shop.job(for: user), try await shop.job(for: user), try await shop.job(for: user)]
        let since = Date() - 86_400
        let first = try use("1")
        #expect(try await shop.ledger.take(first, for: jobs[0], on: news, since: since))
        #expect(
            try await shop.ledger.take(first, for: jobs[0], on: news, since: since), "again, as after a lost COMMIT")
        #expect(try await !shop.ledger.take(use("1", scene: 1), for: jobs[0], on: news, since: since))
        #expect(try await !shop.ledger.take(first, for: jobs[1], on: news, since: since))
        #expect(try await shop.ledger.take(first, for: jobs[2], on: sea, since: since), "another channel")
        #expect(try await shop.ledger.uses(of: jobs[0]) == [first])
        #expect(try await shop.ledger.shown(on: news, since: since, besides: jobs[1]) == [first.item.name])
        #expect(try await shop.ledger.shown(on: news, since: since, besides: jobs[0]).isEmpty)
        #expect(try await shop.ledger.shown(on: news, since: Date() + 60, besides: jobs[1]).isEmpty)
        try await shop.pool.execute("UPDATE stock_uses SET used_at = now() - interval '31 days'")
        #expect(try await shop.ledger.take(first, for: jobs[1], on: news, since: since), "a month later")
        try await shop.ledger.drop(first.place, of: jobs[1])
        #expect(try await shop.ledger.uses(of: jobs[1]).isEmpty)
        #expect(try await shop.ledger.stockItems(of: first.artifact) == [first.item])
    }

    @Test(.timeLimit(.minutes(5)))
    func `gives an item that many workers want at once to one of them`() async throws {
        let shop = try await Workshop()
        let user = try await shop.user()
        let channel = try #require(try await shop.ledger.channels(of: user.id).first).id
        var jobs: [Job.ID] = []
        for _ in 0..<8 { jobs.append(try await shop.job(for: user)) }
        let use = try use("1")
        let takers = try await withThrowingTaskGroup(of: Bool.self) { [jobs] group in
            for job in jobs {
                group.addTask { try await shop.ledger.take(use, for: job, on: channel, since: .distantPast) }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(takers == 1)
    }

    @Test func `replaces what stands at a place, and knows of what the library was told`() async throws {
        let shop = try await Workshop()
        let user = try await shop.user()
        let channel = try #require(try await shop.ledger.channels(of: user.id).first).id
        let job = try await shop.job(for: user)
        let (old, new) = (try use("1", isTold: false), try use("2", about: "city", isTold: false))
        #expect(try await shop.ledger.take(old, for: job, on: channel, since: .distantPast))
        try await shop.ledger.told(old.place, of: job)
        #expect(try await shop.ledger.uses(of: job).map(\.isTold) == [true])
        #expect(try await shop.ledger.take(new, for: job, on: channel, since: .distantPast))
        #expect(try await shop.ledger.uses(of: job) == [new], "of this use it was not told")
    }

    @Test func `keeps files from retention for as long as they are used, and no longer`() async throws {
        let shop = try await Workshop()
        let (ledger, file) = (shop.ledger, try artifact(9))
        #expect(try await ledger.stockFile(of: item("1")) == nil)
        try await ledger.claim([file])
        try await ledger.keepStockFile(file, of: item("1"))
        var small = item("1")
        (small.width, small.height) = (640, 360)
        #expect(try await ledger.stockFile(of: small) == nil, "another size is another file")
        #expect(try await ledger.stockFiles(of: [small, item("1", .photo), item("1"), item("2")]) == [item("1").name])
        #expect(try await ledger.stockFiles(of: [small]).isEmpty)
        let job = try await shop.job()
        try await ledger.keepPiece(file, of: job, as: String(repeating: "a", count: 64))
        try await shop.pool.execute("UPDATE artifacts SET created_at = now() - interval '60 days'")
        try await shop.cancel(job)
        _ = try await ledger.freePieces()
        #expect(try await ledger.doomArtifacts(keep: .seconds(86_400)) == 0, "it was used just now")
        try await shop.pool.execute("UPDATE stock_files SET used_at = now() - interval '2 days'")
        #expect(try await ledger.stockFile(of: item("1")) == file, "which is a use")
        #expect(try await ledger.doomArtifacts(keep: .seconds(86_400)) == 0)
        try await shop.pool.execute("UPDATE stock_files SET used_at = now() - interval '2 days'")
        #expect(try await ledger.doomArtifacts(keep: .seconds(86_400)) == 1)
        #expect(try await ledger.stockFile(of: item("1")) == nil, "what is to be deleted is not used")
        #expect(try await ledger.stockFiles(of: [item("1")]).isEmpty)
        try await shop.pool.execute("UPDATE artifacts SET doomed_at = now() - interval '1 day'")
        #expect(try await ledger.deleteDoomed(after: .seconds(60)) { _ in } == [file])
        #expect(try await shop.number("SELECT count(*) FROM stock_files") == 0)
        let tally = try await ledger.stockTally()
        #expect(tally == [StockTally(provider: "pexels", what: .download, made: 1, spared: 1)])
        let today = try await ledger.moneyDay()
        #expect(try await ledger.stockTally(from: today, through: today, provider: "pexels") == tally)
        #expect(try await ledger.stockTally(from: "2000-01-01", through: "2000-12-31").isEmpty)
        #expect(try await ledger.stockTally(provider: "unsplash").isEmpty)
    }
}
