import FoundationEssentials
import Ledger
import Postgres
import Production
import Testing

@Suite struct `Reports` {
    @Test func `tell a job's whole story`() async throws {
        let shop = try await Workshop()
        let user = try await shop.user()
        let (job, worker) = try await (shop.job(for: user), shop.worker())
        let record = AttemptRecord(provider: "offline", notes: ["items": "3 \"new\""], costs: [try cost(5)])
        let first = try await shop.begin(job, by: worker)
        _ = try await shop.ledger.end(first, .retried(after: .zero, trouble), record)
        let second = try await shop.begin(job, by: worker)
        let made: [Artifact.Kind: Artifact] = [
            .manifest: try artifact(3), .storyboard: try artifact(1), .video: try artifact(2),
        ]
        let result = StageResult(artifacts: made, title: "It's \\ \"so\" 🎬")
        _ = try await shop.ledger.end(second, .succeeded(result), AttemptRecord(costs: [cost(6)]))

        let report = try await shop.ledger.job(job)
        #expect((report.user, report.channel, report.kind, report.priority) == ("ada", "News", .extra, .interactive))
        #expect((report.state, report.stage, report.title) == (.queued, .voice, "It's \\ \"so\" 🎬"))
        #expect(report.cost == 11 && report.error == nil && report.location == nil && report.finishedAt == nil)
        let attempts = try await shop.ledger.attempts(of: job)
        #expect(attempts.map(\.state) == [.retried, .succeeded])
        #expect(attempts[0].error == trouble && attempts[0].notes == ["items": "3 \"new\""])
        #expect(attempts.map(\.number) == [Int64(first.fence), Int64(second.fence)])
        #expect(attempts.map(\.provider) == ["offline", nil] && attempts.allSatisfy { $0.worker == "w1" })
        let artifacts = try await shop.ledger.artifacts(of: job)
        #expect(artifacts.map(\.kind) == [.storyboard, .video, .manifest])
        #expect(artifacts[0].sha256 == String(repeating: "01", count: 32) && artifacts[1].bytes == 2)
        // As `--json` prints it.
        let text = String(decoding: try JSONEncoder().encode(report), as: UTF8.self)
        #expect(
            text.contains(#""costMicroUSD":11"#) && text.contains(#""job":\#(job)"#)
                && text.contains(#""state":"queued""#))
        #expect(await refusal { try await shop.ledger.job(Job.ID(99)) }?.code == .notFound)
    }

    @Test func `list the newest first, narrowed by anything`() async throws {
        let shop = try await Workshop()
        let (ada, bob) = try await (shop.user("ada", channels: ["News", "Tech"]), shop.user("bob", channels: ["Cats"]))
        let worker = try await shop.worker()
        let a = try await shop.ledger.enqueue(for: ada, channel: nil, day: "2026-01-01").id
        let b = try await shop.ledger.enqueue(for: ada, channel: nil, day: "2026-01-02").id
        let c = try await shop.ledger.enqueue(for: bob, channel: nil, day: "2026-01-01").id
        _ = try await shop.ledger.end(shop.begin(b, by: worker), .succeeded(StageResult()), AttemptRecord())
        try await shop.cancel(c)
        func list(_ filter: Ledger.JobFilter, limit: Int = 50) async throws -> [Job.ID] {
            try await shop.ledger.jobs(filter, limit: limit).map { Job.ID($0.id) }
        }
        #expect(try await list(Ledger.JobFilter()) == [c, b, a])
        #expect(try await list(Ledger.JobFilter(), limit: 2) == [c, b])
        #expect(try await list(Ledger.JobFilter(state: .queued)) == [b, a])
        #expect(try await list(Ledger.JobFilter(stage: .voice)) == [b])
        #expect(try await list(Ledger.JobFilter(user: "ada")) == [b, a])
        #expect(try await list(Ledger.JobFilter(channel: "tech")) == [b])
        #expect(try await list(Ledger.JobFilter(day: "2026-01-01")) == [c, a])
        #expect(try await list(Ledger.JobFilter(state: .cancelled, user: "ada")) == [])
        let standing = try await shop.ledger.standingJobs()
        #expect(standing.map(\.stage) == Stage.allCases && standing.map(\.queued) == [1, 1, 0, 0])
        _ = try await shop.ledger.end(shop.begin(a, by: worker), .failed(trouble), AttemptRecord())
        #expect(try await shop.ledger.standingJobs()[0].dead == 1, "what is dead stands still; what ended does not")
        #expect(try await shop.ledger.standingJobs().map(\.queued) == [0, 1, 0, 0])
    }
}
