import Foundation
import Ledger
import Postgres
import Production
import Secrets
import Testing

@Suite struct `A review` {
    @Test func `holds the video before it is published, until a person approves`() async throws {
        let shop = try await Workshop()
        let user = try await shop.user(review: true)
        let (job, worker) = try await (shop.job(for: user), shop.worker())
        for stage in [Stage.script, .voice, .render] {
            #expect(await refusal { try await shop.approve(job) }?.code == .refused)
            let attempt = try await shop.begin(job, stage, by: worker)
            let answer = try await shop.ledger.end(attempt, .succeeded(StageResult()), AttemptRecord())
            #expect((answer == .committed(nil)) == (stage == .render))
        }
        let held = try await shop.ledger.job(job)
        #expect(held.state == JobState.running.after(.held) && held.heldBecause == "review" && held.stage == .upload)
        #expect(try await shop.ask(job, .upload, by: worker) == .held)
        #expect(try await shop.ledger.jobsToDispatch(after: nil, quiet: .zero).jobs.isEmpty)
        #expect(try await shop.approve(job).stage == .upload)
        #expect(try await shop.ledger.job(job).state == JobState.held.after(.resumed))
        _ = try await shop.begin(job, .upload, by: worker)
        let twice = await refusal { try await shop.approve(job) }
        #expect(twice?.message == "it is running; it does not await review")
    }
}

@Suite struct `Cancelling` {
    @Test func `takes the fence of a running job; its late result is refused, its spending kept`() async throws {
        let shop = try await Workshop()
        let (job, worker) = try await (shop.job(), shop.worker())
        let attempt = try await shop.begin(job, by: worker)
        try await shop.cancel(job)
        #expect(try await shop.ledger.job(job).state == .cancelled)
        #expect(try await shop.attemptState(attempt.id) == .cancelled)
        #expect(try await shop.fence(of: job) == Int64(attempt.fence) + 1)
        let late = try await shop.ledger.end(attempt, .succeeded(StageResult()), AttemptRecord(costs: [cost(9)]))
        #expect(late == .refused)
        #expect(try await shop.ledger.job(job).cost == 9)
        #expect(try await shop.ledger.job(job).state == .cancelled)
    }

    @Test func `is for what is not finished`() async throws {
        let shop = try await Workshop()
        let (job, worker) = try await (shop.job(), shop.worker())
        _ = try await shop.ledger.end(shop.begin(job, by: worker), .failed(trouble), AttemptRecord())
        let error = await refusal { try await shop.cancel(job) }
        #expect(error?.message.hasPrefix("it is dead already; there is nothing to cancel") == true)
        #expect(await refusal { try await shop.cancel(Job.ID(99)) }?.message == "there is no such job")
    }

    @Test(.timeLimit(.minutes(5)))
    func `is refused once a byte may be out, even when that is said at the same moment`() async throws {
        let shop = try await Workshop()
        let (job, worker) = try await (shop.job(at: .upload), shop.worker())
        let attempt = try await shop.begin(job, .upload, by: worker)
        _ = try await shop.ledger.openPublication(for: attempt, marker: "m", provider: "offline")
        // Both wait for the job's row, the uploader first; whoever comes second must see what the first has written.
        let outcome = try await shop.pool.withConnection { holder in
            try await holder.execute("BEGIN")
            try await holder.execute("SELECT FROM jobs WHERE id = \(job.rawValue) FOR UPDATE")
            async let marked = shop.ledger.markSending(attempt)
            try await shop.untilWaiting(1)
            async let refused = refusal { try await shop.cancel(job) }
            try await shop.untilWaiting(2)
            try await holder.execute("COMMIT")
            return try await (marked, refused)
        }
        #expect(outcome.0?.sendingAt != nil)
        #expect(outcome.1?.message == "it may already be going out; its publication is finished first")
        #expect(try await shop.ledger.job(job).state == .running)
    }

    @Test func `before the first byte keeps it from going out`() async throws {
        let shop = try await Workshop()
        let (job, worker) = try await (shop.job(at: .upload), shop.worker())
        let attempt = try await shop.begin(job, .upload, by: worker)
        _ = try await shop.ledger.openPublication(for: attempt, marker: "m", provider: "offline")
        try await shop.cancel(job)
        #expect(try await shop.ledger.markSending(attempt) == nil)
        #expect(try await shop.ledger.openPublication(for: attempt, marker: "m", provider: "offline") == nil)
    }
}

extension Workshop {
    /// Until so many sessions of this database wait for a lock.
    func untilWaiting(_ sessions: Int64) async throws {
        while try await number(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
            < sessions
        { await Task.yield() }
    }
}

@Suite struct `A publication` {
    @Test func `is one row a job, taken up by the next attempt with its first marker and moment`() async throws {
        let shop = try await Workshop()
        let (job, worker) = try await (shop.job(at: .upload), shop.worker())
        let first = try await shop.begin(job, .upload, by: worker)
        let opened = try #require(await shop.ledger.openPublication(for: first, marker: "m-1", provider: "offline"))
        #expect(opened.marker == "m-1" && opened.sendingAt == nil && opened.published == nil)
        _ = try await shop.ledger.end(first, .retried(after: .zero, trouble), AttemptRecord())
        let second = try await shop.begin(job, .upload, by: worker)
        #expect(try await shop.ledger.markSending(second) == nil, "it has not taken the publication up")
        #expect(try await shop.ledger.openPublication(for: second, marker: "m-2", provider: "offline") == opened)
        let sending = try #require(await shop.ledger.markSending(second))
        #expect(sending.sendingAt != nil)
        #expect(try await shop.ledger.markSending(second) == sending, "the first moment stays")
    }

    @Test func `is closed to an attempt whose fence has risen`() async throws {
        let shop = try await Workshop()
        let (job, slow, heir) = try await (shop.job(at: .upload), shop.worker("slow"), shop.worker("heir"))
        let late = try await shop.begin(job, .upload, by: slow)
        _ = try await shop.ledger.openPublication(for: late, marker: "m", provider: "offline")
        try await shop.silence(slow)
        let current = try await shop.begin(job, .upload, by: heir)
        #expect(try await shop.ledger.markSending(late) == nil)
        #expect(try await shop.ledger.openPublication(for: late, marker: "m", provider: "offline") == nil)
        #expect(try await shop.ledger.openPublication(for: current, marker: "m", provider: "offline") != nil)
        #expect(try await shop.ledger.markSending(late) == nil)
        #expect(try await shop.ledger.markSending(current) != nil)
    }

    @Test func `once a fact stays the fact`() async throws {
        let shop = try await Workshop()
        let (job, worker) = try await (shop.job(at: .upload), shop.worker())
        let attempt = try await shop.begin(job, .upload, by: worker)
        _ = try await shop.ledger.openPublication(for: attempt, marker: "m", provider: "offline")
        _ = try await shop.ledger.markSending(attempt)
        let video = PublishedVideo(remoteID: "1.mp4", location: "/public/1.mp4")
        try await shop.ledger.markPublished(job, as: video)
        try await shop.ledger.markPublished(job, as: PublishedVideo(remoteID: "2.mp4", location: "/public/2.mp4"))
        let record = try await shop.ledger.openPublication(for: attempt, marker: "m", provider: "offline")
        #expect(record?.published == video)
        #expect(try await shop.ledger.job(job).location == "/public/1.mp4")
    }

    @Test func `remembers since when its session is missing, until that is lost or another is opened`() async throws {
        let shop = try await Workshop()
        let (job, worker) = try await (shop.job(at: .upload), shop.worker())
        let attempt = try await shop.begin(job, .upload, by: worker)
        _ = try await shop.ledger.openPublication(for: attempt, marker: "m", provider: "youtube")
        try await shop.pool.execute(
            """
            INSERT INTO accounts (id, provider, name, client, remote_channel, remote_title, scopes, state)
            OVERRIDING SYSTEM VALUE VALUES (4, 'youtube', 'main', 'c', 'UC', 'News', '{}', 'revoked')
            """)
        let session = UploadSession(
            address: Secret("https://example.org/u?upload_id=1"), account: .init(4), bytes: 9,
            openedAt: Date(timeIntervalSince1970: 1_795_000_000))
        let keys = try #require(KeyRing([MasterKey()]))
        let kept = try KeptSession(session, of: job, sealing: keys)
        let record = try #require(await shop.ledger.keep(kept, for: attempt))
        #expect(record.session == kept && !kept.isPlain)
        #expect(try record.session?.opened(of: job, by: keys) == session)
        let rows = try await shop.pool.query("SELECT p::text FROM publications p")
        let text: String = try #require(rows.first).get(0)
        #expect(text.contains("sealed:") && !text.contains("upload_id"), "\(text)")
        #expect(throws: SecretsError.self, "copied into another row it is worthless") {
            try kept.opened(of: Job.ID(job.rawValue + 1), by: keys)
        }
        let first = try #require(await shop.ledger.missing(for: attempt))
        #expect(try await shop.ledger.missing(for: attempt) == first, "the first look counts")
        #expect(try await shop.ledger.publication(of: attempt)?.missingSince == first)
        let lost = try #require(await shop.ledger.keep(nil, for: attempt))
        #expect(lost.session == nil && lost.missingSince == nil && lost.account == .init(4))
        try await shop.silence(worker)
        _ = try await shop.begin(job, .upload, by: shop.worker("heir"))
        #expect(try await shop.ledger.missing(for: attempt) == nil)
    }

    @Test func `in sessions can be cancelled while there is none, and not once one was kept`() async throws {
        let shop = try await Workshop()
        let worker = try await shop.worker()
        try await shop.pool.execute(
            """
            INSERT INTO accounts (id, provider, name, client, remote_channel, remote_title, scopes, state)
            OVERRIDING SYSTEM VALUE VALUES (4, 'youtube', 'main', 'c', 'UC', 'News', '{}', 'revoked')
            """)
        let keys = try #require(KeyRing([MasterKey()]))
        for (marker, isOpen) in [("m1", false), ("m2", true)] {
            let job = try await shop.job(at: .upload)
            let attempt = try await shop.begin(job, .upload, by: worker)
            _ = try await shop.ledger.openPublication(
                for: attempt, marker: marker, provider: "youtube", inSessions: true)
            _ = try await shop.ledger.markSending(attempt)
            _ = try await shop.ledger.choose(.init(4), for: attempt)
            if isOpen {
                let session = UploadSession(
                    address: Secret("https://example.org/u?upload_id=1"), account: .init(4), bytes: 9,
                    openedAt: Date(timeIntervalSince1970: 1_795_000_000))
                #expect(
                    try await shop.ledger.keep(KeptSession(session, of: job, sealing: keys), for: attempt) != nil)
            }
            let report = try await shop.ledger.intervene(.cancel, on: [job], as: shop.note("job cancel"))
            #expect(report.done == (isOpen ? [] : [job]))
            #expect(report.refused.first?.why.contains("going out") == (isOpen ? true : nil))
            let session = try KeptSession(
                UploadSession(
                    address: Secret("https://example.org/u?upload_id=2"), account: .init(4), bytes: 9,
                    openedAt: Date(timeIntervalSince1970: 1_795_000_000)), of: job, sealing: keys)
            #expect((try await shop.ledger.keep(session, for: attempt) == nil) == !isOpen, "none can be opened then")
        }
    }

    @Test func `is out for whoever takes it up without sessions`() async throws {
        let shop = try await Workshop()
        let job = try await shop.job(at: .upload)
        let first = try await shop.begin(job, .upload, by: shop.worker())
        _ = try await shop.ledger.openPublication(for: first, marker: "m", provider: "youtube", inSessions: true)
        _ = try await shop.ledger.markSending(first)
        #expect(try await !shop.isTrue("SELECT may_be_out(\(job.rawValue))"))
        _ = try await shop.ledger.end(first, .released, AttemptRecord())
        let second = try await shop.begin(job, .upload, by: shop.worker("heir"))
        _ = try await shop.ledger.openPublication(for: second, marker: "m", provider: "offline")
        #expect(try await shop.isTrue("SELECT may_be_out(\(job.rawValue))"))
        let report = try await shop.ledger.intervene(.cancel, on: [job], as: shop.note("job cancel"))
        #expect(report.done.isEmpty)
    }

    @Test func `that an earlier release left open is read, sealed by a rotation, and forgotten once published`()
        async throws
    {
        let shop = try await Workshop()
        let (job, worker) = try await (shop.job(at: .upload), shop.worker())
        let attempt = try await shop.begin(job, .upload, by: worker)
        _ = try await shop.ledger.openPublication(for: attempt, marker: "m", provider: "youtube")
        try await shop.pool.execute(
            """
            INSERT INTO accounts (id, provider, name, client, remote_channel, remote_title, scopes, state)
            OVERRIDING SYSTEM VALUE VALUES (4, 'youtube', 'main', 'c', 'UC', 'News', '{}', 'revoked')
            """)
        try await shop.pool.execute(
            """
            UPDATE publications SET account_id = 4, session_address = 'https://example.org/u?upload_id=1',
                   session_bytes = 9, session_opened_at = now()
            """)
        let old = try #require(KeyRing([MasterKey()]))
        let both = try #require(KeyRing([MasterKey()] + old.keys))
        let left = try #require(await shop.ledger.publication(of: attempt)?.session)
        #expect(left.isPlain)
        let session = try left.opened(of: job, by: old)
        #expect(session.address == Secret("https://example.org/u?upload_id=1"))
        for keys in [old, both] {
            #expect(try await LedgerAccounts(shop.ledger, sealing: keys).rotate().resealed == 1)
            let sealed = try #require(await shop.ledger.publication(of: attempt)?.session)
            #expect(!sealed.isPlain)
            #expect(try sealed.opened(of: job, by: #require(KeyRing(Array(keys.keys.prefix(1))))) == session)
            #expect(try await LedgerAccounts(shop.ledger, sealing: keys).rotate().resealed == 0)
        }
        try await shop.ledger.markPublished(job, as: PublishedVideo(remoteID: "1", location: "/1"))
        #expect(try await shop.ledger.publication(of: attempt)?.session == nil)
    }

    @Test func `is scheduled for the next time that it is so late for its user`() async throws {
        let shop = try await Workshop()
        let user = try await shop.user(zone: "America/Los_Angeles")
        for (hour, minute) in [(0, 0), (9, 30), (23, 59)] {
            let time = try #require(TimeOfDay(hour: hour, minute: minute))
            let moment = try #require(await shop.ledger.nextMoment(at: time, for: user.id))
            let ahead = moment.timeIntervalSince(Date())
            #expect(ahead > 590 && ahead < 86_400 + 3_600 + 610, "\(time): \(ahead) s")
            #expect(moment.timeIntervalSince1970.truncatingRemainder(dividingBy: 60) == 0)
        }
    }

    @Test func `has a marker that no other has`() async throws {
        let shop = try await Workshop()
        let (a, b, worker) = try await (shop.job(at: .upload), shop.job(at: .upload), shop.worker())
        let (first, second) = try await (shop.begin(a, .upload, by: worker), shop.begin(b, .upload, by: worker))
        _ = try await shop.ledger.openPublication(for: first, marker: "m", provider: "offline")
        let error = await serverError {
            try await shop.ledger.openPublication(for: second, marker: "m", provider: "offline")
        }
        #expect(error?.isUniqueViolation == true)
    }
}
