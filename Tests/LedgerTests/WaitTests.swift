import Foundation
import Ledger
import Postgres
import Production
import Testing

@Suite struct `A wait` {
    @Test func `is told with what causes it`() async throws {
        let shop = try await Workshop()
        let user = try await shop.user()
        let (job, other) = try await (shop.job(for: user), shop.job(for: user))
        func wait() async throws -> WaitReport { try #require(await shop.ledger.wait(of: job)) }
        var now = try await wait()
        #expect(now.workers == 0 && now.inHand.isEmpty && now.others == 1)
        let worker = try await shop.worker()
        let open = try await shop.begin(other, by: worker)
        now = try await wait()
        #expect(now.workers == 1 && now.slots == 2 && now.inHand == [other.rawValue] && now.others == 0)
        #expect(now.stops.isEmpty && !now.isChannelPaused && now.dueAt == nil && !now.mustRunAlone)

        try await shop.ledger.pause(.voice, reason: "")
        #expect(try await wait().stops.isEmpty, "of another stage")
        try await shop.ledger.pause(.script, reason: "fonts", by: "bob")
        try await shop.ledger.pause(nil, reason: "disks", by: "anna")
        try await shop.ledger.pause(user: user, reason: "")
        let stops = try await wait().stops
        #expect(stops.map(\.scope) == ["fleet", "stage", "user"] && stops.map(\.who) == ["anna", "bob", ""])
        let channel = try await shop.ledger.channel(named: "news", of: user)
        _ = try await shop.ledger.setState(of: channel.id, to: .paused)
        #expect(try await wait().isChannelPaused)
        let paused = try await shop.ledger.pausedChannels(Ledger.JobFilter(user: user.name))
        #expect(paused.map(\.user) == [user.name] && paused.map(\.channel) == [channel.name])
        #expect(try await shop.ledger.pausedChannels(Ledger.JobFilter(day: "2020-02-02")).isEmpty)
        try await shop.pool.execute("UPDATE jobs SET due_at = now() + interval '1 hour' WHERE id = \(job.rawValue)")
        #expect(try await wait().dueAt != nil)
        #expect(try await shop.ledger.wait(of: open.job) == nil, "it is under way")
    }

    @Test func `of long ago stands in the log, with what went on meanwhile`() async throws {
        let shop = try await Workshop()
        let worker = try await shop.worker()
        let (job, before) = try await (shop.job(), shop.job())
        _ = try await shop.ledger.end(shop.begin(before, by: worker), .succeeded(StageResult()), AttemptRecord())
        try await shop.ledger.pause(.script, reason: "fonts", by: "bob")
        _ = try await shop.ledger.resume(.script)
        try await shop.ledger.pause(.voice, reason: "other")
        _ = try await shop.ledger.resume(.voice)
        // As if it had been asked for a minute before.
        try await shop.pool.execute(
            "UPDATE jobs SET created_at = created_at - interval '1 minute' WHERE id = \(job.rawValue)")
        _ = try await shop.begin(job, by: worker)
        let history = try await shop.ledger.history(of: job)
        #expect(history.map(\.what) == ["created", "queued", "begun"])
        let wait = history[1]
        #expect(wait.stage == .script && (wait.seconds ?? 0) >= 60 && wait.wait?.inHand == [before.rawValue])
        #expect(wait.wait?.stops.map(\.reason) == ["fonts"] && wait.wait?.stops.first?.who == "bob")
    }

    @Test func `that was announced, a retry's, is no riddle; a stop within it is told`() async throws {
        let shop = try await Workshop()
        let (job, worker) = try await (shop.job(), shop.worker())
        _ = try await shop.ledger.end(shop.begin(job, by: worker), .retried(after: .zero, trouble), AttemptRecord())
        try await shop.pool.execute(
            "UPDATE attempts SET started_at = started_at - interval '1 minute', ended_at = ended_at - interval '1 minute'"
        )
        try await shop.pool.execute("UPDATE jobs SET created_at = created_at - interval '1 minute'")
        let second = try await shop.begin(job, by: worker)
        #expect(try await !shop.ledger.history(of: job).contains { $0.what == "queued" && ($0.seconds ?? 0) > 30 })
        try await shop.pool.execute(
            """
            INSERT INTO past_pauses (scope, key, reason, who, paused_at, ended_at)
            SELECT 'fleet', '', 'disks', 'bob', started_at - interval '30 seconds', started_at - interval '1 second'
            FROM attempts WHERE id = \(second.id)
            """)
        let told = try await shop.ledger.history(of: job).first {
            $0.what == "queued" && ($0.seconds ?? 0) > 30
        }
        #expect(told?.wait?.stops.map(\.reason) == ["disks"])
    }
}

@Suite struct `A stop` {
    @Test func `of what is stopped already keeps its beginning, its author and both reasons`() async throws {
        let shop = try await Workshop()
        try await shop.ledger.pause(nil, reason: "new disks", by: "anna")
        let first = try await shop.ledger.pauses()
        try await shop.ledger.pause(nil, reason: "", by: "bob")
        try await shop.ledger.pause(nil, reason: "new disks", by: "bob")
        #expect(try await shop.ledger.pauses() == first)
        try await shop.ledger.pause(nil, reason: "and a new kernel", by: "bob")
        let now = try #require(try await shop.ledger.pauses().first)
        #expect(now.since == first[0].since && now.who == "anna" && now.reason == "new disks; and a new kernel")
    }
}

@Suite struct `A name that a person types` {
    @Test func `finds a channel in any case or by its slug, and the nearest where it is wrong`() async throws {
        let shop = try await Workshop()
        let ada = try await shop.user("ada", channels: ["Light and Water", "light and water"])
        for (typed, name) in [
            ("Light and Water", "Light and Water"), ("light and water", "light and water"),
            ("LIGHT AND WATER", "Light and Water"), ("light-and-water", "Light and Water"),
        ] {
            #expect(try await shop.ledger.channel(named: typed, of: ada).name == name)
        }
        #expect(try await shop.ledger.channels(like: "light", user: nil).isEmpty)
        // Of two users' channels of one name, the slug means one.
        _ = try await shop.user("ben", channels: ["Light and Water"])
        #expect(try await shop.ledger.channels(like: "Light and Water", user: nil).count == 2)
        #expect(try await shop.ledger.channels(like: "Light and Water", user: "ben").count == 1)
        let slug = try await shop.pool.query(
            "SELECT c.slug FROM channels c JOIN users u ON u.id = c.user_id WHERE u.name = 'ben'")[0].get(
                0, as: String.self)
        #expect(
            try await shop.ledger.channels(like: slug, user: nil)
                == shop.ledger.channels(like: "Light and Water", user: "ben"))
        let wrong = await refusal { try await shop.ledger.channel(named: "Ligth", of: ada) }
        #expect(wrong?.message.contains("Did you mean") == true && wrong?.code == .notFound)
        let user = await refusal { try await shop.ledger.user(named: "aad") }
        #expect(user?.message == "There is no user aad. Did you mean ada? `ytempire user list` shows them all.")
        let stranger = await refusal { try await shop.ledger.user(named: "zacharias") }
        #expect(stranger?.message.contains("Did you mean") == false)
    }

    @Test func `without an active channel is told what to resume, or to add`() async throws {
        let shop = try await Workshop()
        let (ada, bob) = try await (shop.user("ada"), shop.user("bob", channels: []))
        let news = try await shop.ledger.channel(named: "News", of: ada)
        _ = try await shop.ledger.setState(of: news.id, to: .paused)
        for (user, command) in [(ada, "channel resume ada 'News'"), (bob, "channel add bob")] {
            let why = await refusal { try await shop.ledger.enqueue(for: user, channel: nil) }
            #expect(why?.message.contains(command) == true)
        }
    }
}

@Suite struct `Costs` {
    @Test func `are summed over the days that are meant, both ends included`() async throws {
        let shop = try await Workshop()
        let (job, worker) = try await (shop.job(), shop.worker())
        _ = try await shop.ledger.end(
            shop.begin(job, by: worker), .retried(after: .zero, trouble), AttemptRecord(costs: [cost(1)]))
        // What is paid stays as it is; here it was paid on another day.
        try await shop.pool.execute("ALTER TABLE cost_rows DISABLE TRIGGER USER")
        try await shop.pool.execute("UPDATE cost_rows SET money_day = '2026-11-01'")
        _ = try await shop.ledger.end(
            shop.begin(job, by: worker), .failed(trouble), AttemptRecord(costs: [cost(2), cost(4, item: "wall")]))
        try await shop.pool.execute("UPDATE cost_rows SET money_day = '2026-11-02' WHERE amount > 1")
        for (first, last, sum) in [
            (nil, nil, 7), ("2026-11-01", "2026-11-01", 1), ("2026-11-02", nil, 6), (nil, "2026-11-01", 1),
            ("2026-11-03", nil, 0),
        ] as [(String?, String?, Int64)] {
            let lines = try await shop.ledger.costs(by: .day, from: first, through: last)
            #expect(lines.map(\.amount).reduce(.zero, +) == MicroDollars(sum))
        }
        let (today, before) = try await (shop.ledger.moneyDay(), shop.ledger.moneyDay(ago: 1))
        let yesterday = try await shop.today(in: shop.ledger.settings.zone, minus: 1)
        #expect(before < today && before == yesterday)
    }
}
