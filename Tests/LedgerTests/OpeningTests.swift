import Ledger
import Postgres
import Production
import Testing

@Suite struct `Opening a day` {
    private func crowd(_ shop: Workshop, _ count: Int) async throws {
        try await shop.pool.execute(
            "INSERT INTO users (name) SELECT 'user ' || n FROM generate_series(1, \(count)::integer) n")
        try await shop.pool.execute(
            """
            INSERT INTO channels (user_id, name, slug, source, language, orientation, palette, length_seconds, daily_at)
            SELECT id, 'News', 'news-' || id, '/feed', 'en', 'landscape', 'ocean', 90, '09:00' FROM users
            """)
    }

    @Test func `gives a thousand users their job in one statement, once`() async throws {
        let shop = try await Workshop()
        try await crowd(shop, 1_000)
        let opened = try await shop.ledger.openDay("2026-01-05")
        #expect(opened.count == 1_000)
        #expect(Set(opened.map(\.userID)).count == 1_000)
        #expect(Set(opened.map(\.job.trace)).count == 1_000)
        #expect(opened.allSatisfy { $0.day == "2026-01-05" && $0.channel == "News" && $0.job.stage == .script })
        #expect(opened.allSatisfy { $0.job.priority == .daily && $0.job.dueIn <= .zero })
        #expect(try await shop.ledger.openDay("2026-01-05").isEmpty)
        #expect(try await shop.ledger.openDay("2026-01-06").count == 1_000)
        #expect(try await shop.number("SELECT count(*) FROM jobs") == 2_000)
    }

    @Test func `goes on page by page`() async throws {
        let shop = try await Workshop()
        try await crowd(shop, 25)
        var after: User.ID?
        var pages: [Int] = []
        while true {
            let page = try await shop.ledger.openDay("2026-01-05", after: after, limit: 10)
            pages.append(page.count)
            guard let last = page.last else { break }
            after = last.userID
        }
        #expect(pages == [10, 10, 5, 0])
    }

    @Test func `opens and previews one stretch of users, or one user, and leaves the others`() async throws {
        let shop = try await Workshop()
        try await crowd(shop, 25)
        let few = try await shop.ledger.openDay("2026-01-05", after: User.ID(5), through: User.ID(15))
        #expect(few.map(\.userID.rawValue) == Array(6...15))
        let rest = try await shop.ledger.previewDay("2026-01-05", after: User.ID(10), through: User.ID(20))
        #expect(rest.map(\.user) == (16...20).map { "user \($0)" })
        #expect(try await shop.ledger.openDay("2026-01-05", user: User.ID(20), through: User.ID(15)).isEmpty)
        #expect(try await shop.ledger.openDay("2026-01-05", user: User.ID(20)).map(\.user) == ["user 20"])
    }

    @Test func `is refused on another user's channel`() async throws {
        let shop = try await Workshop()
        try await crowd(shop, 2)
        _ = try await shop.ledger.openDay("2026-01-05")
        let error = await #expect(throws: PostgresError.self) {
            try await shop.pool.execute("UPDATE jobs SET channel_id = (SELECT max(id) FROM channels) WHERE user_id = 1")
        }
        #expect(error?.sqlState == "23503")
    }

    @Test func `by many at once opens each user's day once`() async throws {
        let shop = try await Workshop()
        try await crowd(shop, 200)
        let opened = try await withThrowingTaskGroup(of: [OpenedJob].self) { group in
            for _ in 0..<8 { group.addTask { try await shop.ledger.openDay("2026-01-05") } }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(opened.count == 200)
        #expect(Set(opened.map(\.userID)).count == 200)
        #expect(try await shop.number("SELECT count(*) FROM jobs") == 200)
    }

    @Test func `waits for the channel's daily time`() async throws {
        let shop = try await Workshop()
        let zone = try await shop.zone(at: 12)
        _ = try await shop.user("early", zone: zone, dailyAt: "11:00")
        _ = try await shop.user("late", zone: zone, dailyAt: "14:00")
        let opened = try await shop.ledger.openDay()
        #expect(opened.map(\.user) == ["early"])
        #expect(try await opened.map(\.day) == [shop.today(in: zone)])
        #expect(try await shop.ledger.openDay().isEmpty)
        // A given day is open for everyone.
        #expect(try await shop.ledger.openDay(shop.today(in: zone)).map(\.user) == ["late"])
    }

    @Test func `follows each user's own zone, and the fleet's where a user has none`() async throws {
        let shop = try await Workshop()
        let (noon, dawn, evening) = try await (shop.zone(at: 12), shop.zone(at: 5), shop.zone(at: 20))
        let ledger = Ledger(database: shop.pool, settings: Ledger.Settings(zone: evening))
        _ = try await shop.user("noon", zone: noon)
        _ = try await shop.user("dawn", zone: dawn)
        _ = try await shop.user("fleet")
        let opened = try await ledger.openDay()
        #expect(opened.map(\.user) == ["noon", "fleet"])
        #expect(try await opened.map(\.day) == [shop.today(in: noon), shop.today(in: evening)])
    }

    @Test func `catches up on yesterday after a coordinator was away over midnight`() async throws {
        let shop = try await Workshop()
        let zone = try await shop.zone(at: 2)
        _ = try await shop.user(zone: zone, dailyAt: "23:00")
        #expect(try await shop.ledger.openDay().isEmpty, "the channel was not there yesterday")
        try await shop.pool.execute("UPDATE channels SET created_at = now() - interval '2 days'")
        #expect(try await shop.ledger.openDay(catchUp: .seconds(3_600)).isEmpty, "yesterday came due too long ago")
        let preview = try await shop.ledger.previewDay()
        #expect(preview.map(\.user) == ["ada"])
        let yesterday = try await shop.today(in: zone, minus: 1)
        #expect(try await shop.ledger.openDay().map(\.day) == [yesterday])
        #expect(try await shop.ledger.openDay().isEmpty)
    }

    @Test func `gives each of a user's channels its turn`() async throws {
        let shop = try await Workshop()
        _ = try await shop.user(channels: ["a", "b", "c"])
        var turns: [String] = []
        for day in 1...7 { turns += try await shop.ledger.openDay("2026-01-0\(day)").map(\.channel) }
        #expect(turns == ["a", "b", "c", "a", "b", "c", "a"])
    }

    @Test func `passes over paused and removed channels, and users without any`() async throws {
        let shop = try await Workshop()
        let user = try await shop.user(channels: ["a", "b", "c"])
        _ = try await shop.user("nobody", channels: [])
        let channels = try await shop.ledger.channels(of: user.id)
        _ = try await shop.ledger.setState(of: channels[0].id, to: .paused)
        _ = try await shop.ledger.setState(of: channels[1].id, to: .removed)
        #expect(try await shop.ledger.previewDay("2026-01-01").map(\.channel) == ["c"])
        #expect(try await shop.ledger.openDay("2026-01-01").map(\.channel) == ["c"])
        _ = try await shop.ledger.setState(of: channels[0].id, to: .active)
        #expect(try await shop.ledger.openDay("2026-01-02").map(\.channel) == ["a"])
    }

    @Test func `agrees with the domain's rotation`() async throws {
        let shop = try await Workshop()
        let user = try await shop.user(channels: ["a", "b", "c", "d"])
        for day in 10...19 {
            if day == 14 {
                let channel = try await shop.ledger.channel(named: "b", of: user)
                _ = try await shop.ledger.setState(of: channel.id, to: .paused)
            }
            let expected = try await ChannelRotation(shop.ledger.channels(of: user.id)).next?.name
            #expect(try await shop.ledger.openDay("2026-01-\(day)").map(\.channel) == [expected])
        }
    }

    @Test func `can be asked for one user, and told beforehand`() async throws {
        let shop = try await Workshop()
        let zone = try await shop.zone(at: 12)
        let ada = try await shop.user("ada", zone: zone, dailyAt: "15:00")
        _ = try await shop.user("bob", zone: zone)
        let next = try #require(await shop.ledger.nextVideo(for: ada))
        let today = try await shop.today(in: zone)
        #expect((next.channel, next.localTime, next.zone) == ("News", "\(today) 15:00", zone))
        #expect(try await shop.ledger.openDay(today, user: ada.id).map(\.user) == ["ada"])
        let tomorrow = try await shop.today(in: zone, minus: -1)
        #expect(try await shop.ledger.nextVideo(for: ada)?.localTime == "\(tomorrow) 15:00")
    }

    @Test func `leaves a video beside it, asked for by a person, alone`() async throws {
        let shop = try await Workshop()
        let user = try await shop.user()
        let extra = try await shop.ledger.enqueue(for: user, channel: nil, day: "2026-01-05")
        #expect(extra.priority == .interactive)
        #expect(try await shop.ledger.openDay("2026-01-05").count == 1)
        let report = try await shop.ledger.job(extra.id)
        #expect(report.kind == .extra && report.day == "2026-01-05")
        let channel = try await shop.ledger.channel(named: "News", of: user)
        _ = try await shop.ledger.setState(of: channel.id, to: .paused)
        #expect(await refusal { try await shop.ledger.enqueue(for: user, channel: nil) }?.code == .refused)
        #expect(await refusal { try await shop.ledger.enqueue(for: user, channel: channel) }?.code == .refused)
    }
}
