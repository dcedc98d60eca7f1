import Foundation
import Ledger
import Logging
import Postgres
import Production
import TestServers
import Testing

/// Many workers' slots at once, so that calls gather.
@Suite struct `What is asked at the same time` {
    private func jobs(_ count: Int, in shop: Workshop) async throws -> [Job.ID] {
        let user = try await shop.user("u-\(UUID())")
        return try await (0..<count).asyncMap { _ in try await shop.job(for: user) }
    }

    private func beginAll(_ jobs: [Job.ID], by worker: WorkerIdentity, in shop: Workshop) async throws -> [OpenAttempt]
    {
        try await withThrowingTaskGroup(of: OpenAttempt.self) { group in
            for job in jobs { group.addTask { try await shop.begin(job, by: worker) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test func `is begun together, each under its own fence, with its own job's story`() async throws {
        let shop = try await Workshop()
        let (all, worker) = try await (jobs(60, in: shop), shop.worker())
        let answers = try await withThrowingTaskGroup(of: (Job.ID, BeginAnswer).self) { group in
            for job in all { group.addTask { (job, try await shop.ask(job, by: worker)) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for (job, answer) in answers {
            guard case .begun(let attempt, let assignment) = answer else {
                Issue.record("\(answer)")
                continue
            }
            #expect(attempt.job == job && attempt.fence == 1 && assignment.job == job)
        }
        #expect(try await shop.number("SELECT count(*) FROM attempts WHERE state = 'running'") == 60)
        #expect(
            try await shop.number("SELECT count(DISTINCT xmin::text) FROM attempts") < 60, "some shared a transaction")
    }

    @Test func `gives each job its own answer, whatever stands beside it`() async throws {
        let shop = try await Workshop()
        let (all, worker, other) = try await (jobs(30, in: shop), shop.worker(), shop.worker("w2"))
        let (held, due, ahead, busy, alone) = (all[0], all[1], all[2], all[3], all[4])
        try await shop.pool.execute(
            "UPDATE jobs SET state = 'held', held_because = 'money' WHERE id = \(held.rawValue)")
        try await shop.pool.execute(
            "UPDATE jobs SET state = 'waiting', due_at = now() + interval '1 hour' WHERE id = \(due.rawValue)")
        try await shop.pool.execute("UPDATE jobs SET stage = 'voice' WHERE id = \(ahead.rawValue)")
        try await shop.pool.execute("UPDATE jobs SET alone = true WHERE id = \(alone.rawValue)")
        _ = try await shop.begin(busy, by: other)
        let impostor = WorkerIdentity(name: "w1", incarnation: UUID())
        let answers = try await withThrowingTaskGroup(of: (Job.ID, BeginAnswer).self) { group in
            for job in all { group.addTask { (job, try await shop.ask(job, by: job == all[5] ? impostor : worker)) } }
            group.addTask { (Job.ID(4_711), try await shop.ask(Job.ID(4_711), by: worker)) }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(answers[held] == .held && answers[ahead] == .elsewhere(.voice) && answers[alone] == .mustRunAlone)
        #expect(answers[all[5]] == .impostor && answers[Job.ID(4_711)] == .unknown)
        if case .notDue(let wait) = answers[due] { #expect(wait > .seconds(3_000)) } else { Issue.record("due") }
        if case .busy(let wait) = answers[busy] { #expect(wait > .zero) } else { Issue.record("not busy") }
        for job in all[6...] {
            if case .begun = answers[job] {} else { Issue.record("\(String(describing: answers[job]))") }
        }
    }

    @Test func `never waits for a job that somebody else has locked`() async throws {
        let shop = try await Workshop()
        let (all, worker) = try await (jobs(20, in: shop), shop.worker())
        let blocked = all[7]
        let release = AsyncStream<Void>.makeStream()
        let locked = AsyncStream<Void>.makeStream()
        async let holder: Void = shop.pool.transaction { connection in
            try await connection.execute("SELECT FROM jobs WHERE id = \(blocked.rawValue) FOR UPDATE")
            locked.continuation.yield()
            for await _ in release.stream { break }
        }
        for await _ in locked.stream { break }
        async let late = shop.begin(blocked, by: worker)
        // All the others are begun and ended while that lock is held.
        let attempts = try await beginAll(all.filter { $0 != blocked }, by: worker, in: shop)
        #expect(attempts.count == 19)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for attempt in attempts {
                group.addTask { _ = try await shop.ledger.end(attempt, .succeeded(StageResult()), AttemptRecord()) }
            }
            try await group.waitForAll()
        }
        #expect(try await shop.ledger.job(blocked).state == .queued)
        release.continuation.yield()
        try await holder
        #expect(try await late.job == blocked)
    }

    @Test func `ends together, a stale fence alone dropping out, and sums its cost once`() async throws {
        let shop = try await Workshop()
        let (all, worker) = try await (jobs(50, in: shop), shop.worker())
        let attempts = try await beginAll(all, by: worker, in: shop)
        let cancelled = Set(all.prefix(10))
        for job in cancelled { try await shop.cancel(job) }
        let records = try attempts.map { _ in AttemptRecord(costs: [try cost(3), try cost(4, item: "wall")]) }
        // Each is told twice at the same time, as after a lost answer.
        let answers = try await withThrowingTaskGroup(of: (Job.ID, CommitAnswer).self) { group in
            for (attempt, record) in zip(attempts, records) {
                for _ in 0..<2 {
                    group.addTask {
                        (attempt.job, try await shop.ledger.end(attempt, .succeeded(StageResult()), record))
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for (job, answer) in answers { #expect((answer == .refused) == cancelled.contains(job)) }
        #expect(try await shop.number("SELECT count(*) FROM jobs WHERE stage = 'voice' AND state = 'queued'") == 40)
        #expect(try await shop.number("SELECT count(*) FROM cost_rows") == 100)
        let day = try await shop.ledger.counter("day", shop.ledger.moneyDay())
        #expect(day?.spent == 350 && day?.overrun == 0)
        for job in all { #expect(try await shop.ledger.counter("video", job.description)?.spent == 7) }
    }

    @Test func `fails alone when a constraint refuses it`() async throws {
        let shop = try await Workshop()
        let (all, worker) = try await (jobs(12, in: shop), shop.worker())
        let attempts = try await beginAll(all, by: worker, in: shop)
        let guilty = attempts[4]
        let results = await withTaskGroup(of: (OpenAttempt, Bool).self) { group in
            for attempt in attempts {
                let title = attempt == guilty ? "a\u{0}b" : "fine"
                group.addTask {
                    let end = AttemptEnd.succeeded(StageResult(title: title))
                    return (attempt, (try? await shop.ledger.end(attempt, end, AttemptRecord())) != nil)
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        for (attempt, isDone) in results { #expect(isDone == (attempt != guilty)) }
        // The server's own refusal: the cost of an attempt that there is not.
        let foreign = OpenAttempt(id: UUID(), job: guilty.job, stage: .script, fence: 99)
        let costs = AttemptRecord(costs: [try cost(1)])
        let rest = try await beginAll(try await jobs(5, in: shop), by: worker, in: shop)
        let outcomes = await withTaskGroup(of: (OpenAttempt, PostgresError?).self) { group in
            for attempt in rest + [foreign] {
                let record = attempt == foreign ? costs : AttemptRecord()
                group.addTask {
                    (attempt, await serverError { try await shop.ledger.end(attempt, .released, record) })
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        for (attempt, error) in outcomes {
            #expect((error?.isForeignKeyViolation == true) == (attempt == foreign), "\(String(describing: error))")
        }
        #expect(try await shop.number("SELECT count(*) FROM attempts WHERE state = 'released'") == 5)
    }

    @Test func `gives one source item to one job, and tries the others' scripts again`() async throws {
        let shop = try await Workshop()
        let (all, worker) = try await (jobs(10, in: shop), shop.worker())
        let attempts = try await beginAll(all, by: worker, in: shop)
        let result = StageResult(
            artifacts: [.storyboard: try artifact(3)], title: "T", usedItem: "the only item")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for attempt in attempts {
                group.addTask { _ = try await shop.ledger.end(attempt, .succeeded(result), AttemptRecord()) }
            }
            try await group.waitForAll()
        }
        #expect(try await shop.number("SELECT count(*) FROM jobs WHERE stage = 'voice'") == 1)
        #expect(try await shop.number("SELECT count(*) FROM jobs WHERE state = 'waiting' AND stage = 'script'") == 9)
        #expect(try await shop.number("SELECT count(*) FROM job_artifacts") == 1)
        #expect(try await shop.number("SELECT count(*) FROM source_items") == 1)
    }

    @Test func `is ended once by one of two that disagree`() async throws {
        let shop = try await Workshop()
        let (all, worker) = try await (jobs(20, in: shop), shop.worker())
        for attempt in try await beginAll(all, by: worker, in: shop) {
            async let done = shop.ledger.end(attempt, .succeeded(StageResult()), AttemptRecord())
            async let released = shop.ledger.end(attempt, .released, AttemptRecord())
            let answers = try await [done, released]
            #expect(answers.count { $0 == .refused } == 1)
            let state = try await shop.attemptState(attempt.id)
            let stage = try await shop.ledger.job(attempt.job).stage
            #expect((state == .succeeded) == (stage == .voice))
        }
    }

    @Test func `leaves the queue when its task is cancelled before it was sent`() async throws {
        let shop = try await Workshop()
        let (job, worker) = try await (shop.job(), shop.worker())
        let cancelled = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await serverError { try await shop.ask(job, by: worker) }
        }
        #expect(await cancelled.value?.code == .cancelled)
        #expect(try await shop.number("SELECT count(*) FROM attempts") == 0)
    }
}

@Suite struct `Batches under fire` {
    /// Three processes' worth of ledgers work jobs through all stages, while connections are cut wherever they stand: in
    /// the middle of a begin, of an end, of a commit. Whatever was asked again is done once.
    @Test(arguments: [1, 2]) func `do everything once though their backends are killed`(seed: UInt64) async throws {
        let shop = try await Workshop(size: 4)
        let user = try await shop.user()
        let all = try await (0..<40).asyncMap { _ in try await shop.job(for: user) }
        let quiet = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
        let ledgers = (0..<3).map { _ in
            Ledger(
                database: PostgresPool(configuration: shop.configuration, logger: quiet), settings: shop.ledger.settings
            )
        }
        let workers = try await (0..<3).asyncMap { try await shop.worker("w\($0)") }
        let killer = Task {
            var dice = Dice(seed: seed)
            var kills = 0
            while !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(Int.random(in: 1...15, using: &dice)))
                kills +=
                    (try? await shop.pool.query(
                        """
                        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                         WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
                           AND query LIKE '%_attempts(%'
                         LIMIT 1
                        """
                    ).count) ?? 0
            }
            return kills
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (place, job) in all.enumerated() {
                group.addTask {
                    // Each job is asked for by two workers, as after a doubled delivery.
                    for which in [place % 3, (place + 1) % 3] {
                        try await run(job, with: ledgers[which], as: workers[which])
                    }
                }
            }
            try await group.waitForAll()
        }
        killer.cancel()
        let kills = await killer.value
        #expect(try await shop.number("SELECT count(*) FROM jobs WHERE state = 'published'") == 40)
        #expect(try await shop.number("SELECT count(*) FROM attempts WHERE state = 'succeeded'") == 160)
        #expect(try await shop.number("SELECT count(*) FROM attempts WHERE state NOT IN ('succeeded')") == 0)
        #expect(try await shop.number("SELECT count(*) FROM cost_rows") == 160, "\(kills) backends killed")
        #expect(kills > 0)
        #expect(try await shop.ledger.counter("day", shop.ledger.moneyDay())?.spent == 160)
        #expect(try await shop.isTrue("SELECT bool_and(spent = 4) FROM counters WHERE scope = 'video'"))
        for ledger in ledgers { await ledger.database.close() }
    }

    private func run(_ job: Job.ID, with ledger: Ledger, as worker: WorkerIdentity) async throws {
        var stage = Stage.script
        while true {
            let attempt = UUID()
            let answer = try await patiently {
                try await ledger.begin(
                    attempt, job: job, stage: stage, worker: worker, epoch: Workshop.epoch, alone: false)
            }
            switch answer {
            case .begun(let open, _):
                let record = AttemptRecord(costs: [try cost(1)])
                let end = AttemptEnd.succeeded(StageResult(title: "T"))
                let answer = try await patiently { try await ledger.end(open, end, record) }
                #expect(answer != .refused)
            case .elsewhere(let other): stage = other
            case .finished: return
            case .busy: await Task.yield()
            default: throw Unexpected(what: "\(answer)")
            }
        }
    }

    private func patiently<Answer>(_ body: () async throws -> Answer) async throws -> Answer {
        while true {
            do {
                return try await body()
            } catch let error as PostgresError where error.isConnectionTrouble || error.isServerTrouble {
                continue
            }
        }
    }
}
