import Foundation
import Ledger
import Postgres
import Production
import Testing

@Suite struct `What videos were made without` {
    @Test func `is told by its latest job, for as long as was asked for`() async throws {
        let shop = try await Workshop()
        let worker = try await shop.worker()
        var jobs: [Job.ID] = []
        for (stage, notes) in [
            (Stage.voice, ["passed_over": "elevenlabs: HTTP 401"]), (.voice, ["passed_over": "elevenlabs: HTTP 402"]),
            (.voice, ["voice": "abc"]), (.render, ["stock_trouble": "pexels: HTTP 401", "stock": "0 shown"]),
        ] as [(Stage, [String: String])] {
            let job = try await shop.job(at: stage)
            let attempt = try await shop.begin(job, stage, by: worker)
            _ = try await shop.ledger.end(attempt, .succeeded(StageResult()), AttemptRecord(notes: notes))
            jobs.append(job)
        }
        let told = try await shop.ledger.makeshifts(since: .seconds(60))
        #expect(
            told == [
                Makeshift(stage: .voice, count: 2, job: jobs[1], words: "elevenlabs: HTTP 402"),
                Makeshift(stage: .render, count: 1, job: jobs[3], words: "pexels: HTTP 401"),
            ])
        try await shop.pool.execute("UPDATE attempts SET started_at = now() - interval '61 seconds'")
        #expect(try await shop.ledger.makeshifts(since: .seconds(60)).isEmpty)
    }
}
