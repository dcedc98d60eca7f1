import Ledger
import Postgres
import Production
import Testing

@Suite struct `Users` {
    @Test func `are known by a name that nobody else has`() async throws {
        let shop = try await Workshop()
        let ada = try await shop.ledger.addUser(named: "ada", timeZone: "Europe/Berlin")
        let bob = try await shop.ledger.addUser(named: "bob", timeZone: nil)
        #expect(try await shop.ledger.user(named: "ada") == ada)
        #expect(try await shop.ledger.users() == [ada, bob])
        let error = await refusal { try await shop.ledger.addUser(named: "ada", timeZone: nil) }
        #expect(error == LedgerError(.alreadyThere, "There is a user named ada already."))
        #expect(await refusal { try await shop.ledger.user(named: "eve") }?.code == .notFound)
    }

    @Test func `live in zones that Postgres knows; a near miss gets a hint`() async throws {
        let shop = try await Workshop()
        let error = await refusal { try await shop.ledger.addUser(named: "ada", timeZone: "berlin") }
        #expect(error?.code == .invalid)
        #expect(error?.message == "There is no time zone named berlin. Use an IANA name, such as Europe/Berlin.")
        let lost = await refusal { try await shop.ledger.addUser(named: "ada", timeZone: "Mars/Olympus'; --") }
        #expect(lost?.message.contains("such as Europe/Berlin or America/New_York") == true)
        #expect(try await shop.ledger.users().isEmpty)
    }

    @Test func `can be edited one thing at a time`() async throws {
        let shop = try await Workshop()
        let ada = try await shop.ledger.addUser(named: "ada", timeZone: "Europe/Berlin")
        let renamed = try await shop.ledger.editUser(ada.id, name: "Ada", timeZone: nil)
        #expect(renamed == User(id: ada.id, name: "Ada", timeZone: "Europe/Berlin"))
        let moved = try await shop.ledger.editUser(ada.id, name: nil, timeZone: "Asia/Tokyo")
        #expect(moved == User(id: ada.id, name: "Ada", timeZone: "Asia/Tokyo"))
        #expect(await refusal { try await shop.ledger.editUser(ada.id, name: nil, timeZone: "X/Y") }?.code == .invalid)
        #expect(
            await refusal { try await shop.ledger.editUser(User.ID(99), name: "x", timeZone: nil) }?.code == .notFound)
        _ = try await shop.ledger.addUser(named: "bob", timeZone: nil)
        let taken = await refusal { try await shop.ledger.editUser(ada.id, name: "bob", timeZone: nil) }
        #expect(taken == LedgerError(.alreadyThere, "There is a user named bob already."))
    }

    @Test(arguments: ["'; DROP TABLE users; --", "Robert\"); $1 \\", "日本 🎬 e\u{301}", "%", "NULL", "${jndi:x}"])
    func `may bear any text: it is data everywhere`(text: String) async throws {
        let shop = try await Workshop()
        let user = try await shop.user(text, channels: [text])
        #expect(try await shop.ledger.user(named: text).name == text)
        let channel = try await shop.ledger.channel(named: text, of: user)
        #expect(channel.name == text)
        let job = try await shop.ledger.enqueue(for: user, channel: channel)
        #expect(try await shop.ledger.jobs(Ledger.JobFilter(user: text, channel: text)).map(\.id) == [job.id.rawValue])
        #expect(try await shop.ledger.users().count == 1)
    }
}

@Suite struct `Channels` {
    @Test func `keep what a person chose`() async throws {
        let shop = try await Workshop()
        let user = try await shop.user(channels: [])
        let draft = ChannelDraft(
            name: "Tech", source: "https://example.org/feed", language: "de-AT", voice: "slt", orientation: .portrait,
            palette: .ember, length: 15, dailyAt: try #require(TimeOfDay("23:59")), review: true)
        let channel = try await shop.ledger.addChannel(draft, for: user)
        let expected = Channel(
            id: channel.id, user: user.id, name: "Tech", slug: "tech", source: "https://example.org/feed",
            language: "de-AT", voice: "slt", orientation: .portrait, palette: .ember, length: 15,
            dailyAt: try #require(TimeOfDay("23:59")), review: true, state: .active, lastServed: nil)
        #expect(channel == expected)
        #expect(try await shop.ledger.channel(channel.id) == expected)
        #expect(try await shop.ledger.channel(named: "tech", of: user) == expected)
        let edited = try await shop.ledger.editChannel(channel.id, to: shop.draft("Technology"))
        #expect(edited.name == "Technology" && edited.slug == "tech" && edited.voice == nil && !edited.review)
    }

    @Test func `have names of their own within a user, and slugs of their own in the fleet`() async throws {
        let shop = try await Workshop()
        let ada = try await shop.user("ada", channels: ["News", "news!"])
        let bob = try await shop.user("bob", channels: ["News", "新聞"])
        #expect(try await shop.ledger.channels(of: ada.id).map(\.slug) == ["news", "ada-news"])
        #expect(try await shop.ledger.channels(of: bob.id).map(\.slug) == ["bob-news", "channel"])
        let twice = await refusal { try await shop.ledger.addChannel(shop.draft("News"), for: ada) }
        #expect(twice == LedgerError(.alreadyThere, "ada has a channel named News already."))
        let clash = try await shop.ledger.channel(named: "news!", of: ada)
        let edit = await refusal { try await shop.ledger.editChannel(clash.id, to: shop.draft("News")) }
        #expect(edit?.code == .alreadyThere)
        #expect(await refusal { try await shop.ledger.channel(named: "None", of: ada) }?.code == .notFound)
    }

    @Test func `added at the same moment get different slugs, and one of two equal names is refused`() async throws {
        let shop = try await Workshop()
        let users = try await (1...6).asyncMap { try await shop.user("user\($0)", channels: []) }
        let outcomes = try await withThrowingTaskGroup(of: Bool.self) { group in
            for user in users + users {
                group.addTask {
                    do {
                        _ = try await shop.ledger.addChannel(shop.draft(), for: user)
                        return true
                    } catch let error as LedgerError where error.code == .alreadyThere { return false }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count(where: { $0 }) == 6)
        #expect(try await shop.number("SELECT count(DISTINCT slug) FROM channels") == 6)
    }

    @Test func `set free their name when they are removed`() async throws {
        let shop = try await Workshop()
        let user = try await shop.user(channels: [String(repeating: "n", count: 100)])
        let old = try await shop.ledger.channels(of: user.id)[0]
        _ = try await shop.ledger.setState(of: old.id, to: .removed)
        #expect(try await shop.ledger.channels(of: user.id).isEmpty)
        #expect(await refusal { try await shop.ledger.channel(named: old.name, of: user) }?.code == .notFound)
        let new = try await shop.ledger.addChannel(shop.draft(old.name), for: user)
        #expect(new.slug != old.slug)
        #expect(await refusal { try await shop.ledger.setState(of: old.id, to: .active) }?.code == .notFound)
    }

    @Test func `take their unfinished jobs with them when they are removed, but for a video already going out`()
        async throws
    {
        let shop = try await Workshop()
        let user = try await shop.user(channels: ["Gone", "Stays"])
        let gone = try await shop.ledger.channel(named: "Gone", of: user)
        let stays = try await shop.ledger.channel(named: "Stays", of: user)
        let worker = try await shop.worker()
        var jobs: [Job.ID] = []
        for _ in 0..<5 { jobs.append(try await shop.ledger.enqueue(for: user, channel: gone).id) }
        let kept = try await shop.ledger.enqueue(for: user, channel: stays).id
        let (queued, running, held, done, going) = (jobs[0], jobs[1], jobs[2], jobs[3], jobs[4])
        let attempt = try await shop.begin(running, by: worker)
        try await shop.pool.execute(
            "UPDATE jobs SET state = 'held', held_because = 'review' WHERE id = \(held.rawValue)")
        let finished = try await shop.begin(done, by: worker)
        _ = try await shop.ledger.end(finished, .skipped, AttemptRecord())
        try await shop.pool.execute("UPDATE jobs SET stage = 'upload' WHERE id = \(going.rawValue)")
        let upload = try await shop.begin(going, .upload, by: worker)
        _ = try await shop.ledger.openPublication(for: upload, marker: "m", provider: "offline")
        _ = try await shop.ledger.markSending(upload)

        let fence = try await shop.fence(of: queued)
        _ = try await shop.ledger.setState(of: gone.id, to: .removed)

        for job in [queued, running, held] {
            let report = try await shop.ledger.job(job)
            #expect(report.state == .cancelled && report.finishedAt != nil && report.heldBecause == nil)
        }
        #expect(try await shop.fence(of: queued) == fence + 1)
        #expect(try await shop.attemptState(attempt.id) == .cancelled)
        #expect(try await shop.ledger.end(attempt, .succeeded(StageResult()), AttemptRecord()) == .refused)
        #expect(try await shop.ledger.job(done).state == .skipped)
        #expect(try await shop.ledger.job(kept).state == .queued)
        // The one that is going out fails for a while, and can still be begun and published.
        _ = try await shop.ledger.end(upload, .retried(after: .zero, trouble), AttemptRecord())
        let again = try await shop.begin(going, .upload, by: worker)
        _ = try await shop.ledger.end(again, .succeeded(StageResult()), AttemptRecord())
        #expect(try await shop.ledger.job(going).state == .published)
    }

    @Test func `that are removed while a job comes to them still leave no job for ever`() async throws {
        let shop = try await Workshop()
        let user = try await shop.user(channels: ["Here", "There"])
        let there = try await shop.ledger.channel(named: "There", of: user)
        let worker = try await shop.worker()
        let job = try await shop.ledger.enqueue(for: user, channel: nil).id
        let attempt = try await shop.begin(job, by: worker)
        _ = try await shop.ledger.setState(of: there.id, to: .removed)
        // The script was written for a channel that is gone by now.
        _ = try await shop.ledger.end(attempt, .succeeded(StageResult(channel: there.id)), AttemptRecord())
        #expect(try await shop.ledger.jobsToDispatch(after: nil, quiet: .zero).jobs.map(\.id) == [job])
        #expect(try await shop.ask(job, .voice, by: worker) == .finished)
        #expect(try await shop.ledger.job(job).state == .cancelled)
    }
}

extension Sequence {
    func asyncMap<Value>(_ body: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await body(element)) }
        return values
    }
}
