import Foundation
import Ledger
import Postgres
import Production
import Testing

@Suite struct `Reconciling` {
    @Test func `finds what is due, waiting or left behind by a dead worker, and nothing else`() async throws {
        let shop = try await Workshop()
        let user = try await shop.user()
        let (alive, dead, gone) = try await (shop.worker("alive"), shop.worker("dead"), shop.worker("gone"))
        var jobs: [Job.ID] = []
        for _ in 0..<8 { jobs.append(try await shop.job(for: user)) }
        let (queued, waiting, worked, orphaned, stopped) = (jobs[0], jobs[1], jobs[2], jobs[3], jobs[4])
        let (held, buried, fresh) = (jobs[5], jobs[6], jobs[7])
        _ = try await shop.ledger.end(
            shop.begin(waiting, by: alive), .retried(after: .seconds(9_000), trouble), AttemptRecord())
        _ = try await shop.begin(worked, by: alive)
        _ = try await shop.begin(orphaned, by: dead)
        _ = try await shop.begin(stopped, by: gone)
        try await shop.silence(dead)
        try await shop.ledger.stopped(gone)
        try await shop.pool.execute(
            "UPDATE jobs SET state = 'held', held_because = 'review' WHERE id = \(held.rawValue)")
        _ = try await shop.ledger.end(shop.begin(buried, by: alive), .failed(trouble), AttemptRecord())
        try await shop.pool.execute(
            "UPDATE jobs SET updated_at = now() - interval '2 hours' WHERE id <> \(fresh.rawValue)")

        let due = try await shop.ledger.jobsToDispatch(after: nil, quiet: .seconds(3_600)).jobs
        #expect(due.map(\.id) == [queued, waiting, orphaned, stopped])
        #expect(due[1].dueIn > .seconds(8_000) && due[1].dueIn <= .seconds(9_000))
        #expect(due[0].dueIn <= .zero && due[0].stage == .script && due[0].trace.count == 24)
        #expect(try await shop.ledger.jobsToDispatch(after: nil, quiet: .zero).jobs.map(\.id).last == fresh)
        #expect(try await shop.ledger.jobToDispatch(queued)?.id == queued)
        #expect(try await shop.ledger.jobToDispatch(worked) == nil)
        #expect(try await shop.ledger.jobToDispatch(buried) == nil)
    }

    @Test func `goes on from the last job of a page`() async throws {
        let shop = try await Workshop()
        let user = try await shop.user()
        var jobs: [Job.ID] = []
        for _ in 0..<7 { jobs.append(try await shop.job(for: user)) }
        var found: [Job.ID] = []
        var after: Job.ID?
        while true {
            let page = try await shop.ledger.jobsToDispatch(after: after, quiet: .zero, limit: 3)
            guard let last = page.last else { break }
            found += page.jobs.map(\.id)
            after = last
        }
        #expect(found == jobs)
    }

    @Test func `leaves alone what a person has paused`() async throws {
        let shop = try await Workshop()
        let (ada, bob) = try await (shop.user("ada"), shop.user("bob"))
        let (script, voice) = try await (shop.job(for: ada), shop.job(at: .voice, for: bob))
        func found() async throws -> [Job.ID] {
            try await shop.ledger.jobsToDispatch(after: nil, quiet: .zero).jobs.map(\.id)
        }
        try await shop.ledger.pause(.voice, reason: "")
        #expect(try await found() == [script])
        try await shop.pool.execute("INSERT INTO pauses (scope, key) VALUES ('user', \(ada.id.description))")
        #expect(try await found() == [])
        #expect(try await shop.ledger.resume(.voice))
        #expect(try await found() == [voice])
        try await shop.ledger.pause(nil, reason: "")
        #expect(try await found() == [])
    }
}

@Suite struct `A duty of the fleet` {
    @Test func `is taken by one of many, once an interval`() async throws {
        let shop = try await Workshop(size: 16)
        func rush() async throws -> Int {
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<32 {
                    group.addTask { try await shop.ledger.takeDuty("reconcile", every: .seconds(3_600)) }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
        }
        #expect(try await rush() == 1)
        #expect(try await rush() == 0)
        try await shop.pool.execute("UPDATE duties SET done_at = now() - interval '2 hours'")
        #expect(try await rush() == 1)
        #expect(try await shop.ledger.takeDuty("retention", every: .seconds(3_600)))
    }
}
