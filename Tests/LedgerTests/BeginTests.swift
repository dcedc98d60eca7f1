import Foundation
import Ledger
import Postgres
import Production
import Testing

@Suite struct `Beginning an attempt` {
    @Test func `opens it under a higher fence, and answers the same when asked again`() async throws {
        let shop = try await Workshop()
        let (job, worker, id) = try await (shop.job(), shop.worker(), UUID())
        let fence = try await shop.fence(of: job)
        let first = try await shop.ask(job, by: worker, attempt: id)
        guard case .begun(let attempt, _) = first else {
            Issue.record("\(first)")
            return
        }
        #expect(attempt == OpenAttempt(id: id, job: job, stage: .script, fence: Int(fence) + 1))
        #expect(try await shop.ask(job, by: worker, attempt: id) == first)
        #expect(try await shop.ledger.attempts(of: job).count == 1)
        #expect(JobState.queued.after(.begun) == .running)
        #expect(try await shop.ledger.job(job).state == .running)
    }

    @Test func `is refused while a living worker has the job, itself included`() async throws {
        let shop = try await Workshop()
        let (job, holder, other) = try await (shop.job(), shop.worker(), shop.worker("w2"))
        let attempt = try await shop.begin(job, by: holder)
        for worker in [holder, other] {
            guard case .busy(let rest) = try await shop.ask(job, by: worker) else {
                Issue.record("not busy")
                return
            }
            #expect(rest > .zero && rest <= .seconds(1_800))
        }
        #expect(try await shop.attemptState(attempt.id) == .running)
    }

    @Test func `by many at once is granted to exactly one`() async throws {
        let shop = try await Workshop(size: 16)
        let job = try await shop.job()
        let workers = try await (1...16).asyncMap { try await shop.worker("w\($0)") }
        let answers = try await withThrowingTaskGroup(of: BeginAnswer.self) { group in
            for worker in workers { group.addTask { try await shop.ask(job, by: worker) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count { if case .begun = $0 { true } else { false } } == 1)
        #expect(answers.count { if case .busy = $0 { true } else { false } } == 15)
        #expect(try await shop.number("SELECT count(*) FROM attempts") == 1)
    }

    @Test func `waits for the due time`() async throws {
        let shop = try await Workshop()
        let (job, worker) = try await (shop.job(), shop.worker())
        let attempt = try await shop.begin(job, by: worker)
        _ = try await shop.ledger.end(attempt, .retried(after: .seconds(600), trouble), AttemptRecord())
        guard case .notDue(let rest) = try await shop.ask(job, by: worker) else {
            Issue.record("due")
            return
        }
        #expect(rest > .seconds(500) && rest <= .seconds(600))
        try await shop.pool.execute("UPDATE jobs SET due_at = now()")
        _ = try await shop.begin(job, by: worker)
    }

    @Test func `tells where the job really stands`() async throws {
        let shop = try await Workshop()
        let (job, worker) = try await (shop.job(at: .render), shop.worker())
        #expect(try await shop.ask(job, .voice, by: worker) == .elsewhere(.render))
        #expect(try await shop.ask(job, .upload, by: worker) == .elsewhere(.render))
        #expect(try await shop.ask(Job.ID(4_711), .voice, by: worker) == .unknown)
        try await shop.pool.execute("UPDATE jobs SET state = 'held', held_because = 'money'")
        #expect(try await shop.ask(job, .render, by: worker) == .held)
        try await shop.cancel(job)
        #expect(try await shop.ask(job, .render, by: worker) == .finished)
        #expect(try await shop.number("SELECT count(*) FROM attempts") == 0)
    }

    @Test func `obeys a pause of the fleet, the stage, the user or the channel, and its end`() async throws {
        let shop = try await Workshop()
        let user = try await shop.user()
        let (job, worker) = try await (shop.job(for: user), shop.worker())
        try await shop.ledger.pause(nil, reason: "power cut")
        #expect(try await shop.ask(job, by: worker) == .paused)
        #expect(try await shop.ledger.pausedStages() == Set(Stage.allCases))
        #expect(try await shop.ledger.resume(nil))
        #expect(try await !shop.ledger.resume(nil))
        try await shop.ledger.pause(.script, reason: "a")
        try await shop.ledger.pause(.script, reason: "b")
        try await shop.ledger.pause(.voice, reason: "")
        #expect(try await shop.ask(job, by: worker) == .paused)
        #expect(try await shop.ledger.pausedStages() == [.script, .voice])
        #expect(try await shop.ledger.resume(.script))
        try await shop.pool.execute("INSERT INTO pauses (scope, key) VALUES ('user', \(user.id.description))")
        #expect(try await shop.ask(job, by: worker) == .paused)
        try await shop.pool.execute("DELETE FROM pauses WHERE scope = 'user'")
        let channel = try await shop.ledger.channel(named: "News", of: user)
        _ = try await shop.ledger.setState(of: channel.id, to: .paused)
        #expect(try await shop.ask(job, by: worker) == .paused)
        #expect(try await shop.ledger.jobToDispatch(job) == nil)
        _ = try await shop.ledger.setState(of: channel.id, to: .active)
        _ = try await shop.begin(job, by: worker)
    }

    @Test func `is refused to a worker whose name another process has taken`() async throws {
        let shop = try await Workshop()
        let (job, old) = try await (shop.job(), shop.worker())
        let new = try await shop.worker()
        #expect(try await shop.ask(job, by: old) == .impostor)
        #expect(try await shop.ask(job, by: WorkerIdentity(name: "nobody", incarnation: UUID())) == .impostor)
        _ = try await shop.begin(job, by: new)
    }
}

@Suite struct `A dead worker's attempt` {
    @Test func `is lost when the next one begins`() async throws {
        let shop = try await Workshop()
        let (job, dead, heir) = try await (shop.job(), shop.worker(), shop.worker("w2"))
        let attempt = try await shop.begin(job, by: dead)
        try await shop.silence(dead)
        let next = try await shop.begin(job, by: heir)
        #expect(try await shop.attemptState(attempt.id) == .lost)
        #expect(next.fence > attempt.fence + 1)
        #expect(next.tries == 0)
        let story = try await shop.ledger.attempts(of: job)
        #expect(story.map(\.state) == [.lost, .running])
        #expect(story[0].error?.asked == "to be run by worker w1")
        #expect(story[0].error?.next == "run again")
        #expect(try await shop.isTrue("SELECT NOT alone AND lonely_deaths = 0 FROM jobs"))
    }

    @Test func `that was the second in a row has the job run alone`() async throws {
        let shop = try await Workshop()
        let (job, heir) = try await (shop.job(), shop.worker("heir"))
        try await shop.lose(job)
        try await shop.lose(job)
        #expect(try await shop.ask(job, by: heir) == .mustRunAlone)
        let report = try await shop.ledger.job(job)
        #expect(report.state == JobState.running.after(.lost))
        #expect(report.tries == 0)
        let next = try await shop.begin(job, by: heir, alone: true)
        #expect(next.tries == 0)
        let story = try await shop.ledger.attempts(of: job)
        #expect(story.map(\.state) == [.lost, .lost, .running])
        #expect(story.map(\.error?.next) == ["run again", "run again, alone in its process", nil])
    }

    @Test func `that stopped in good order without ending it is lost as well`() async throws {
        let shop = try await Workshop()
        let (job, gone, heir) = try await (shop.job(), shop.worker(), shop.worker("w2"))
        let attempt = try await shop.begin(job, by: gone)
        try await shop.ledger.stopped(gone)
        _ = try await shop.begin(job, by: heir)
        #expect(try await shop.attemptState(attempt.id) == .lost)
    }

    @Test func `buries the job at the third loss suffered alone`() async throws {
        let shop = try await Workshop()
        let (job, heir) = try await (shop.job(), shop.worker("heir"))
        try await shop.lose(job)
        for loss in 0...3 {
            let attempt = try await shop.lose(job, alone: loss > 0)
            let answer = try await shop.ask(job, by: heir)
            #expect(answer == (loss < 3 ? .mustRunAlone : .finished))
            #expect(try await shop.attemptState(attempt.id) == .lost)
        }
        let report = try await shop.ledger.job(job)
        #expect(report.state == JobState.running.after(.buried))
        #expect(report.finishedAt != nil)
        #expect(report.error?.next == "nothing: it killed three workers it had for itself")
        #expect(try await shop.ledger.jobsToDispatch(after: nil, quiet: .zero).jobs.isEmpty)
    }

    @Test func `does not count against the job when Redis' life ended meanwhile`() async throws {
        let shop = try await Workshop()
        let (job, heir) = try await (shop.job(), shop.worker("heir"))
        try await shop.lose(job)
        for loss in 0...5 {
            try await shop.lose(job, alone: loss > 0, epoch: "life \(loss)")
            #expect(try await shop.ask(job, by: heir, epoch: "life \(loss + 1)") == .mustRunAlone)
        }
    }

    @Test func `is not opened again by a worker that never heard it was begun`() async throws {
        let shop = try await Workshop()
        let (job, cutOff, heir, id) = try await (shop.job(), shop.worker(), shop.worker("w2"), UUID())
        try await shop.lose(job)
        _ = try await shop.ask(job, by: cutOff, attempt: id)
        try await shop.silence(cutOff)
        #expect(try await shop.ask(job, by: heir) == .mustRunAlone)
        #expect(try await shop.ask(job, by: cutOff, attempt: id, alone: true) == .notDue(for: .zero))
        #expect(try await shop.attemptState(id) == .lost)
        _ = try await shop.begin(job, by: cutOff, alone: true)
    }

    @Test func `is forgotten as a danger once the stage is done`() async throws {
        let shop = try await Workshop()
        let (job, heir) = try await (shop.job(), shop.worker("heir"))
        try await shop.lose(job)
        try await shop.lose(job)
        #expect(try await shop.ask(job, by: heir) == .mustRunAlone)
        let attempt = try await shop.begin(job, by: heir, alone: true)
        _ = try await shop.ledger.end(attempt, .succeeded(StageResult()), AttemptRecord())
        #expect(try await shop.isTrue("SELECT NOT alone AND lonely_deaths = 0 FROM jobs"))
        try await shop.lose(job, .voice)
        _ = try await shop.begin(job, .voice, by: heir)
    }

    @Test func `is lost at once when a successor registers under the name`() async throws {
        let shop = try await Workshop()
        let (first, second, free) = try await (shop.job(), shop.job(), shop.job())
        let (worker, other) = try await (shop.worker(), shop.worker("w2"))
        let attempts = [try await shop.begin(first, by: worker), try await shop.begin(second, by: worker)]
        let foreign = try await shop.begin(free, by: other)
        let heir = WorkerIdentity(name: "w1", incarnation: UUID())
        #expect(try await shop.register(heir) == [first, second])
        for attempt in attempts { #expect(try await shop.attemptState(attempt.id) == .lost) }
        #expect(try await shop.attemptState(foreign.id) == .running)
        #expect(try await shop.register(heir).isEmpty, "asking again changes nothing")
        #expect(try await shop.ask(first, by: heir, alone: true) != .impostor)
    }
}

@Suite struct `A worker's life` {
    @Test func `is a name that one session at a time can hold`() async throws {
        let shop = try await Workshop()
        try await shop.pool.withConnection { (first) async throws -> Void in
            try await shop.pool.withConnection { (second) async throws -> Void in
                #expect(try await shop.ledger.lockName("w1", on: first))
                #expect(try await !shop.ledger.lockName("w1", on: second))
                #expect(try await shop.ledger.lockName("w2", on: second))
            }
        }
    }

    @Test func `is told at each beat what was taken away`() async throws {
        let shop = try await Workshop()
        let worker = try await shop.worker()
        let (kept, taken) = try await (shop.job(), shop.job())
        let (a, b) = try await (shop.begin(kept, by: worker), shop.begin(taken, by: worker))
        try await shop.silence(worker)
        try await shop.cancel(taken)
        try await shop.pool.withConnection { (session) async throws -> Void in
            let answer = try await shop.ledger.beat(worker, holding: [a.id, b.id], on: session)
            #expect(answer.isRegistered && answer.revoked == [b.id])
            #expect(try await shop.ledger.workers().map(\.state) == ["alive"])
            let quiet = try await shop.ledger.beat(worker, holding: [], on: session)
            #expect(quiet.isRegistered && quiet.revoked.isEmpty)
            _ = try await shop.worker()
            #expect(try await !shop.ledger.beat(worker, holding: [], on: session).isRegistered)
        }
    }

    @Test func `is shown as alive, dead or stopped, with what it has open`() async throws {
        let shop = try await Workshop()
        let (a, b, c) = try await (shop.worker("a", stage: .upload), shop.worker("b"), shop.worker("c"))
        let job = try await shop.job()
        _ = try await shop.begin(job, by: b)
        try await shop.silence(b)
        try await shop.ledger.stopped(c)
        let reports = try await shop.ledger.workers()
        #expect(reports.map(\.name) == ["b", "c", "a"])
        #expect(reports.map(\.state) == ["dead", "stopped", "alive"])
        #expect(reports.map(\.jobs) == [[job.rawValue], [], []])
        #expect(try await shop.ledger.livingWorkers() == ["a"])
        #expect(reports[2].stage == .upload && reports[2].slots == 2 && reports[2].pid == 7)
        try await shop.pool.execute("UPDATE workers SET beat_at = now() - interval '2 days' WHERE name <> \(a.name)")
        #expect(try await Set(shop.ledger.forgetOldWorkers()) == ["b", "c"])
        _ = try await shop.begin(job, by: a)
        #expect(
            try await shop.ledger.attempts(of: job).map(\.state) == [.lost, .running],
            "the forgotten worker's attempt is lost")
    }
}
