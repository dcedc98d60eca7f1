import Foundation
import Ledger
import Postgres
import Production
import Testing

@Suite struct `By hand` {
    private func note(_ action: String = "job retry", reason: String = "mended") -> AuditNote {
        AuditNote(id: UUID(), who: "anna", host: "here", action: action, subject: "1", reason: reason)
    }

    private func failed(
        _ answer: String, in shop: Workshop, by worker: WorkerIdentity, for user: User? = nil
    ) async throws -> Job.ID {
        let job = try await shop.job(for: user)
        let error = JobError(stage: .script, provider: "feeds", asked: "read the feed", answer: answer, next: "nothing")
        _ = try await shop.ledger.end(shop.begin(job, by: worker), .failed(error), AttemptRecord(costs: [cost(5)]))
        return job
    }

    @Test func `a dead letter is tried again with all its tries, and keeps its history`() async throws {
        let shop = try await Workshop()
        let worker = try await shop.worker()
        let job = try await failed("gone", in: shop, by: worker)
        let before = try await shop.fence(of: job)
        let report = try await shop.ledger.intervene(.retry, on: [job], as: note())
        #expect(report.done == [job] && report.refused.isEmpty && report.due.map(\.id) == [job])
        #expect(try await shop.fence(of: job) == before + 1)
        let now = try await shop.ledger.job(job)
        #expect(now.state == .queued && now.tries == 0 && now.finishedAt == nil && now.error?.answer == "gone")
        let open = try await shop.begin(job, by: worker)
        #expect(open.tries == 0)
        _ = try await shop.ledger.end(open, .succeeded(StageResult()), AttemptRecord())

        // On a slow machine it waits for long, which is told, too.
        let history = try await shop.ledger.history(of: job).filter { $0.what != "queued" }
        #expect(history.map(\.what) == ["created", "begun", "failed", "dead", "by hand", "begun", "succeeded"])
        #expect(history[2].error?.answer == "gone" && history[2].amount == 5 && history[2].host == "here")
        #expect(history[3].at == history[2].at && history[3].stage == .script)
        #expect(history[4].detail == "job retry, by anna on here: mended")
        #expect(history.compactMap(\.attempt) == [1, 1, 2, 3, 3], "no number is missing: the hand took one")
        let audit = try #require(try await shop.ledger.audits(of: job).first)
        #expect(audit.count == 1 && audit.jobs == [job.rawValue] && audit.who == "anna" && audit.reason == "mended")
        #expect(try await shop.ledger.audits(by: "bob").isEmpty)
    }

    @Test func `every end that a hand took back stays in the story`() async throws {
        let shop = try await Workshop()
        let worker = try await shop.worker()
        let job = try await failed("gone", in: shop, by: worker)
        _ = try await shop.ledger.intervene(.retry, on: [job], as: note())
        try await shop.cancel(job)
        _ = try await shop.ledger.intervene(.redo(from: .script), on: [job], as: note("job redo"))
        _ = try await shop.ledger.end(shop.begin(job, by: worker), .skipped, AttemptRecord())
        _ = try await shop.ledger.intervene(.redo(from: .script), on: [job], as: note("job redo"))
        let story = try await shop.ledger.history(of: job).map(\.what).filter { $0 != "queued" }
        #expect(story.filter { ["dead", "cancelled", "skipped"].contains($0) } == ["dead", "cancelled", "skipped"])
        #expect(story.last == "by hand" && story.count == 12, "\(story)")
    }

    @Test func `asking for a video is kept with its job, and asked again it is one video`() async throws {
        let shop = try await Workshop()
        let (user, note) = try await (shop.user(), note("job enqueue"))
        let first = try await shop.ledger.enqueue(for: user, channel: nil, as: note)
        #expect(try await shop.ledger.enqueue(for: user, channel: nil, as: note).id == first.id)
        let audits = try await shop.ledger.audits(of: first.id)
        #expect(audits.map(\.action) == ["job enqueue"] && audits[0].jobs == [first.id.rawValue])
        #expect(try await shop.ledger.history(of: first.id).map(\.what) == ["created", "by hand"])
    }

    @Test func `a repetition with the same note changes nothing and answers the same`() async throws {
        let shop = try await Workshop()
        let job = try await failed("gone", in: shop, by: shop.worker())
        let note = note()
        let first = try await shop.ledger.intervene(.retry, on: [job], as: note)
        let fence = try await shop.fence(of: job)
        let second = try await shop.ledger.intervene(.retry, on: [job], as: note)
        #expect(second.done == first.done && second.refused.isEmpty && second.due.map(\.id) == [job])
        #expect(try await shop.fence(of: job) == fence)
        #expect(try await shop.ledger.audits(of: job).count == 1)
    }

    @Test func `what can't be done is left alone, and said; an unknown job too`() async throws {
        let shop = try await Workshop()
        let worker = try await shop.worker()
        let (dead, queued) = try await (failed("gone", in: shop, by: worker), shop.job())
        let weighed = try await shop.ledger.weigh(.drop, on: [dead, queued])
        #expect(weighed.done == [dead] && weighed.refused.map(\.job) == [queued.rawValue])
        #expect(try await shop.ledger.job(dead).state == .dead, "weighing changes nothing")
        let report = try await shop.ledger.intervene(.drop, on: [dead, queued, Job.ID(999)], as: note("dead drop"))
        #expect(report.done == [dead] && report.refused.map(\.job) == [queued.rawValue, 999] && report.due.isEmpty)
        #expect(try await shop.ledger.job(dead).state == .cancelled)
        #expect(try await shop.ledger.job(dead).error?.answer == "gone")
        #expect(try await shop.ledger.audits(of: queued).isEmpty)
    }

    @Test func `a job is cancelled under its worker, whose result is refused`() async throws {
        let shop = try await Workshop()
        let job = try await shop.job()
        let open = try await shop.begin(job, by: shop.worker())
        _ = try await shop.ledger.intervene(.cancel, on: [job], as: note("job cancel"))
        #expect(try await shop.ledger.end(open, .succeeded(StageResult()), AttemptRecord()) == .refused)
        #expect(try await shop.attemptState(open.id) == .cancelled)
    }

    @Test func `a redo makes a stage and all after it again, with what earlier stages made`() async throws {
        let shop = try await Workshop()
        let worker = try await shop.worker()
        let job = try await shop.job()
        func advance(_ stage: Stage, _ made: [Artifact.Kind: Artifact], item: String? = nil) async throws {
            let open = try await shop.begin(job, stage, by: worker)
            let result = StageResult(artifacts: made, usedItem: item)
            _ = try await shop.ledger.end(open, .succeeded(result), AttemptRecord())
        }
        try await advance(.script, [.storyboard: artifact(1)], item: "story")
        try await advance(.voice, [.narration: artifact(2), .timings: artifact(3)])
        try await advance(
            .render, [.video: artifact(4), .thumbnail: artifact(5), .captions: artifact(6), .manifest: artifact(7)])
        try await shop.cancel(job)
        // Retention has marked it: it is used again all the same.
        try await shop.pool.execute("UPDATE artifacts SET doomed_at = now()")
        let report = try await shop.ledger.intervene(.redo(from: .render), on: [job], as: note())
        #expect(report.due.map(\.stage) == [.render])
        #expect(try await shop.ledger.artifacts(of: job).map(\.kind) == [.storyboard, .narration, .timings])
        #expect(try await shop.number("SELECT count(*) FROM artifacts WHERE doomed_at IS NULL") == 3)
        _ = try await shop.begin(job, .render, by: worker)

        try await shop.cancel(job)
        _ = try await shop.ledger.intervene(.redo(from: .script), on: [job], as: note())
        #expect(try await shop.ledger.artifacts(of: job).isEmpty)
        #expect(try await shop.number("SELECT count(*) FROM source_items") == 0, "the item may be told after all")
    }

    @Test func `a redo that would publish twice is refused`() async throws {
        let shop = try await Workshop()
        let (job, worker) = try await (shop.job(at: .upload), shop.worker())
        let open = try await shop.begin(job, .upload, by: worker)
        _ = try await shop.ledger.openPublication(for: open, marker: "m", provider: "offline")
        _ = try await shop.ledger.markSending(open)
        _ = try await shop.ledger.end(open, .failed(trouble), AttemptRecord())
        let report = try await shop.ledger.intervene(.redo(from: .script), on: [job], as: note())
        #expect(report.done.isEmpty && report.refused.first?.why.contains("published beside it") == true)
        #expect(try await shop.ledger.intervene(.retry, on: [job], as: note()).done == [job])
    }

    @Test func `two people at once change each job once`() async throws {
        let shop = try await Workshop()
        let worker = try await shop.worker()
        var jobs: [Job.ID] = []
        for _ in 0..<12 { jobs.append(try await failed("gone", in: shop, by: worker)) }
        let all = jobs
        let reports = try await withThrowingTaskGroup(of: InterventionReport.self) { group in
            for _ in 0..<4 {
                group.addTask { try await shop.ledger.intervene(.retry, on: all.shuffled(), as: note(), batch: 5) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(reports.flatMap(\.done).sorted() == all && reports.flatMap(\.refused).count == 36)
    }
}

@Suite struct `Dead letters` {
    @Test func `of one cause are one group, whatever numbers and ids their errors hold`() async throws {
        let shop = try await Workshop()
        let worker = try await shop.worker()
        let (ada, bob) = try await (shop.user("ada"), shop.user("bob"))
        func bury(_ answer: String, for user: User) async throws -> Job.ID {
            let job = try await shop.job(for: user)
            let error = JobError(stage: .script, provider: "feeds", asked: "\(UUID())", answer: answer, next: "")
            _ = try await shop.ledger.end(shop.begin(job, by: worker), .failed(error), AttemptRecord())
            return job
        }
        let a = try await bury("HTTP 503 from gpt-5-mini after 1.5 s, request \(UUID())", for: ada)
        let b = try await bury("HTTP 503 from gpt-5-mini after 22.25 s, request req_0a1B2c", for: bob)
        let c = try await bury("no such file: /a/bread.md", for: bob)
        _ = try await shop.job(for: bob)
        let groups = try await shop.ledger.deadLetterGroups()
        #expect(groups.map(\.count) == [2, 1] && groups.map(\.users) == [2, 1])
        #expect(groups[0].jobUsers == ["bob", "ada"])
        #expect(groups[0].jobs == [b, a].map(\.rawValue) && groups[0].oldest < groups[0].newest)
        #expect(
            groups[0].pattern == "HTTP 503 from gpt-5-mini after N s, request ID"
                && groups[0].example?.answer.contains("22.25") == true)
        #expect(groups[1].pattern == "no such file: /a/bread.md" && groups[1].stage == .script)
        let cause = groups[0].cause
        #expect(cause.count == 6 && cause != groups[1].cause)
        #expect(try await shop.ledger.jobNumbers(Ledger.JobFilter(cause: cause)) == [a, b])
        #expect(try await shop.ledger.deadLetterGroups(Ledger.JobFilter(user: "ada")).map(\.count) == [1])
        #expect(try await shop.ledger.jobNumbers(Ledger.JobFilter(error: "NO SUCH")) == [c])
        #expect(try await shop.ledger.jobNumbers(Ledger.JobFilter(error: "100%_")).isEmpty, "no wildcards")
        #expect(try await shop.ledger.jobNumbers(Ledger.JobFilter(states: [.queued, .dead])).count == 4)
        let counts = try await shop.ledger.count(Ledger.JobFilter(states: [.dead]))
        #expect(counts.count == 1 && counts[0].count == 3)
    }

    @Test(
        arguments: [
            ("HTTP 401, invalid_request_error/invalid_api_key", "HTTP 401, invalid_request_error/invalid_api_key"),
            ("401 invalid_api_key: no", "401 invalid_api_key: no"), ("status 403: no", "status 403: no"),
            ("no answer of gpt-4.1, gpt-4o-2024-08-06, o3 or eleven_multilingual_v2", nil),
            ("job 17: 12,345 bytes of 1.5 GB at 14:03:07", "job N: N bytes of N GB at N"),
            ("killed after 3h5m, 22s, 2026-11-22T14:03:07Z, #4711", "killed after NhNm, Ns, N-N-NTNZ, #N"),
            ("1250 words", "N words"), ("http://10.0.0.1:8080/jobs/17/b2.mp4", "http://N/jobs/N/bN.mpN"),
            (
                "render-vm-1: /var/tmp/ytempire/render-vm-1/17-2/a.mp4: No space left",
                "render-vm-N: /var/tmp/ytempire/render-vm-N/N-N/a.mpN: No space left"
            ),
            ("look for the file ytempire-42.mp4", "look for the file ytempire-N.mpN"),
        ] as [(String, String?)])
    func `keep statuses and names, and no other numbers`(_ answer: String, _ pattern: String?) async throws {
        let shop = try await Workshop()
        let told = try await shop.pool.query("SELECT error_pattern(\(answer)) AS pattern")
            .map { try $0.get("pattern", as: String.self) }
        #expect(told == [pattern ?? answer])
    }
}

@Suite struct `A worker that a person asks to drain` {
    @Test func `hears so at its beat; whoever takes its name later does not`() async throws {
        let shop = try await Workshop()
        let (worker, other) = try await (shop.worker("w1"), shop.worker("w2", stage: .render))
        let session = try await shop.pool.session()
        #expect(try await shop.ledger.askToDrain(nil, stage: .script) == ["w1"])
        #expect(try await shop.ledger.beat(worker, holding: [], on: session).isAskedToDrain)
        #expect(try await !shop.ledger.beat(other, holding: [], on: session).isAskedToDrain)
        #expect(try await shop.ledger.workers().map(\.isDraining) == [true, false])
        let successor = WorkerIdentity(name: "w1", incarnation: UUID())
        _ = try await shop.register(successor)
        #expect(try await !shop.ledger.beat(successor, holding: [], on: session).isAskedToDrain)
        try await shop.silence(successor)
        #expect(try await shop.ledger.askToDrain(["w1"], stage: nil) == [], "the dead hear nothing")
        await session.close()
    }
}
