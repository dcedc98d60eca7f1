import Foundation
import Ledger
import Postgres
import Production
import Testing

@Suite struct `Ending an attempt` {
    enum Way: String, CaseIterable, Sendable {
        case succeeded, skipped, retried, limited, failed, released

        func end(until: Date) -> AttemptEnd {
            switch self {
            case .succeeded: .succeeded(StageResult())
            case .skipped: .skipped
            case .retried: .retried(after: .seconds(60), trouble)
            case .limited: .limited(until: until, trouble)
            case .failed: .failed(trouble)
            case .released: .released
            }
        }

        func event(at stage: Stage) -> JobState.Event {
            switch self {
            case .succeeded: stage.next == nil ? .completedLast : .completed
            case .skipped: .skipped
            case .retried: .retried
            case .limited: .limited
            case .failed: .failed
            case .released: .released
            }
        }
    }

    @Test func `by a lost artifact has the stage that made it run again, and counts as a try`() async throws {
        let shop = try await Workshop()
        let (job, worker) = try await (shop.job(at: .upload), shop.worker())
        let attempt = try await shop.begin(job, .upload, by: worker)
        let answer = try await shop.ledger.end(attempt, .sentBack(to: .voice, trouble), AttemptRecord())
        guard case .committed(let next?) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(next.stage == .voice)
        let report = try await shop.ledger.job(job)
        #expect(report.state == .queued && report.stage == .voice && report.tries == 1 && report.error == trouble)
        #expect(try await shop.attemptState(attempt.id) == .retried)
        #expect(try await shop.ledger.timesSentBack(job, from: .upload) == 1)
        #expect(try await shop.ledger.timesSentBack(job, from: .voice) == 0)
        let voice = try await shop.begin(job, .voice, by: worker)
        _ = try await shop.ledger.end(voice, .failed(trouble), AttemptRecord())
        let mended = try await shop.ledger.intervene(.retry, on: [job], as: shop.note("job retry"))
        #expect(mended.done == [job])
        #expect(try await shop.ledger.timesSentBack(job, from: .upload) == 0, "a person has seen to it")
        _ = try await shop.begin(job, .voice, by: worker)
    }

    @Test(arguments: Stage.allCases, Way.allCases)
    func `moves job and attempt exactly as the domain's states allow`(stage: Stage, way: Way) async throws {
        let shop = try await Workshop()
        let (job, worker) = try await (shop.job(at: stage), shop.worker())
        let attempt = try await shop.begin(job, stage, by: worker)
        let until = Date(timeIntervalSince1970: 4_000_000_000)
        let answer = try await shop.ledger.end(attempt, way.end(until: until), AttemptRecord(provider: "offline"))

        let report = try await shop.ledger.job(job)
        #expect(report.state == JobState.running.after(way.event(at: stage)))
        #expect(report.stage == (way == .succeeded ? stage.next ?? stage : stage))
        #expect((report.finishedAt != nil) == report.state.isFinished)
        let ended = try await shop.ledger.attempts(of: job)[0]
        #expect(AttemptState.running.mayBecome(ended.state))
        #expect(ended.state.rawValue == (way == .skipped ? "succeeded" : way.rawValue))
        #expect(ended.endedAt != nil && ended.provider == "offline")
        #expect(report.tries == (ended.state.counts ? 1 : 0))
        #expect(try await shop.isTrue("SELECT counts = \(ended.state.counts) FROM attempts"))
        let hasError = way == .retried || way == .limited || way == .failed
        #expect(ended.error == (hasError ? trouble : nil) && report.error == ended.error)

        guard case .committed(let next) = answer else {
            Issue.record("refused")
            return
        }
        #expect((next == nil) == report.state.isFinished)
        #expect(next?.stage == (report.state.isFinished ? nil : report.stage))
        switch way {
        case .retried: #expect(next?.dueIn == .seconds(60))
        case .limited: #expect(report.dueAt == until)
        case .succeeded, .skipped, .failed, .released: #expect(next.map { $0.dueIn <= .zero } ?? true)
        }
    }

    @Test func `counts tries within a stage and begins afresh in the next`() async throws {
        let shop = try await Workshop()
        let (job, worker) = try await (shop.job(), shop.worker())
        for tries in 1...3 {
            let attempt = try await shop.begin(job, by: worker)
            #expect(attempt.tries == tries - 1)
            _ = try await shop.ledger.end(attempt, .retried(after: .zero, trouble), AttemptRecord())
        }
        let last = try await shop.begin(job, by: worker)
        _ = try await shop.ledger.end(last, .succeeded(StageResult(title: "A title")), AttemptRecord())
        let voice = try await shop.begin(job, .voice, by: worker)
        #expect(voice.tries == 0)
        #expect(try await shop.ledger.job(job).title == "A title")
        _ = try await shop.ledger.end(voice, .succeeded(StageResult()), AttemptRecord())
        #expect(try await shop.ledger.job(job).title == "A title")
    }

    @Test func `under a fence that has risen is refused, and what it cost is recorded`() async throws {
        let shop = try await Workshop()
        let (job, slow, heir) = try await (shop.job(), shop.worker("slow"), shop.worker("heir"))
        let late = try await shop.begin(job, by: slow)
        try await shop.silence(slow)
        let current = try await shop.begin(job, by: heir)
        let record = AttemptRecord(costs: [try cost(7)])
        let result = StageResult(artifacts: [.storyboard: try artifact(1)], title: "Late", usedItem: "item")
        for _ in 0..<2 { #expect(try await shop.ledger.end(late, .succeeded(result), record) == .refused) }
        #expect(try await shop.ledger.costs(of: job).map(\.amount) == [7])
        #expect(try await shop.ledger.counter("video", job.description)?.spent == 7)
        #expect(try await shop.ledger.artifacts(of: job).isEmpty)
        #expect(try await shop.ledger.job(job).title == nil)
        #expect(try await shop.attemptState(late.id) == .lost)
        // Its holder ends it all the same.
        guard case .committed = try await shop.ledger.end(current, .succeeded(result), AttemptRecord()) else {
            Issue.record("the current holder was refused")
            return
        }
        #expect(try await shop.ledger.job(job).stage == .voice)
    }

    @Test func `again, after a lost COMMIT, answers as before and doubles nothing`() async throws {
        let shop = try await Workshop()
        let user = try await shop.user()
        let (job, worker) = try await (shop.job(for: user), shop.worker())
        let attempt = try await shop.begin(job, by: worker)
        let record = AttemptRecord(
            provider: "offline", notes: ["voice": "slt"], costs: [try cost(3), try cost(4, item: "wall")])
        let result = StageResult(artifacts: [.storyboard: try artifact(1)], title: "T", usedItem: "item")
        var answers: [CommitAnswer] = []
        for _ in 0..<3 { answers.append(try await shop.ledger.end(attempt, .succeeded(result), record)) }
        for answer in answers {
            guard case .committed(let next?) = answer else {
                Issue.record("\(answer)")
                return
            }
            #expect(next.id == job && next.stage == .voice)
        }
        let money = try await shop.ledger.moneyDay()
        for (scope, key) in [("video", job.description), ("day", money)] {
            let counter = try await shop.ledger.counter(scope, key)
            #expect(counter?.spent == 7 && counter?.held == 0 && counter?.overrun == 0)
        }
        #expect(try await shop.ledger.costs(of: job).count == 2)
        #expect(try await shop.ledger.artifacts(of: job).map(\.kind) == [.storyboard])
        #expect(try await shop.number("SELECT count(*) FROM source_items") == 1)
        #expect(try await shop.ledger.attempts(of: job).map(\.notes) == [["voice": "slt"]])
        // And once the next stage is under way it is still this attempt's own, with nothing to dispatch.
        _ = try await shop.begin(job, .voice, by: worker)
        #expect(try await shop.ledger.end(attempt, .succeeded(result), record) == .committed(nil))
    }

    @Test func `by several at once commits once`() async throws {
        let shop = try await Workshop()
        let (job, worker) = try await (shop.job(), shop.worker())
        let attempt = try await shop.begin(job, by: worker)
        let record = AttemptRecord(costs: [try cost(5)])
        let answers = try await withThrowingTaskGroup(of: CommitAnswer.self) { group in
            for _ in 0..<8 { group.addTask { try await shop.ledger.end(attempt, .succeeded(StageResult()), record) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.allSatisfy { $0 != .refused })
        #expect(try await shop.ledger.job(job).cost == 5)
        #expect(try await shop.ledger.counter("video", job.description)?.spent == 5)
    }

    @Test func `hands what was made to the next stage`() async throws {
        let shop = try await Workshop()
        let user = try await shop.user(channels: ["News", "Tech"])
        let (job, worker) = try await (shop.job(for: user), shop.worker())
        let made: [Artifact.Kind: Artifact] = [.storyboard: try artifact(1), .timings: try artifact(2)]
        let (first, empty) = try await shop.assignment(job, by: worker)
        #expect(empty.artifacts.isEmpty)
        _ = try await shop.ledger.end(first, .succeeded(StageResult(artifacts: made)), AttemptRecord())
        let (_, assignment) = try await shop.assignment(job, .voice, by: worker)
        #expect(assignment.artifacts == made)
        #expect(assignment.user == user.id && assignment.userName == "ada" && !assignment.channelIsFixed)
        #expect(assignment.channel.name == "News")
        #expect(try await assignment.productionDay == shop.today(in: shop.ledger.settings.zone))
    }

    @Test func `may move the job to the channel its script was written for, whose turn that was`() async throws {
        let shop = try await Workshop()
        let user = try await shop.user(channels: ["News", "Tech"])
        let tech = try await shop.ledger.channel(named: "Tech", of: user)
        let (job, worker) = try await (shop.job(for: user), shop.worker())
        let (attempt, assignment) = try await shop.assignment(job, by: worker)
        #expect(try await shop.ledger.candidates(for: assignment).map(\.channel.name) == ["News", "Tech"])
        let result = StageResult(title: "T", channel: tech.id, usedItem: "guid-1")
        _ = try await shop.ledger.end(attempt, .succeeded(result), AttemptRecord())
        #expect(try await shop.ledger.job(job).channel == "Tech")
        #expect(try await shop.ledger.channel(tech.id).lastServed != nil)
        let (_, next) = try await shop.assignment(job, .voice, by: worker)
        // What the job itself was written from is free to it, should it be written again, and to no other job.
        #expect(try await shop.ledger.candidates(for: next).map(\.usedItems) == [[], []])
        let (_, other) = try await shop.assignment(shop.job(for: user), by: worker)
        let candidates = try await shop.ledger.candidates(for: other)
        let used = try #require(candidates.first { $0.channel.name == "Tech" })
        #expect(used.usedItems == ["guid-1"] && used.lastUsed != nil)
        #expect(candidates.first { $0.channel.name == "News" }?.lastUsed == nil)
    }

    @Test func `with a source item that another job used first tries the script again, and holds nothing`() async throws
    {
        let shop = try await Workshop()
        let user = try await shop.user()
        let (first, second, worker) = try await (shop.job(for: user), shop.job(for: user), shop.worker())
        let (a, b) = try await (shop.begin(first, by: worker), shop.begin(second, by: worker))
        let result = StageResult(artifacts: [.storyboard: try artifact(1)], title: "T", usedItem: "guid-1")
        _ = try await shop.ledger.end(a, .succeeded(result), AttemptRecord())
        let answer = try await shop.ledger.end(b, .succeeded(result), AttemptRecord(costs: [try cost(2)]))
        guard case .committed(let next?) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(next.stage == .script && next.dueIn <= .zero)
        #expect(try await shop.attemptState(b.id) == .retried)
        let report = try await shop.ledger.job(second)
        #expect(report.state == .waiting && report.title == nil && report.cost == 2)
        #expect(report.error?.answer == "another job of the channel has used the source item guid-1")
        #expect(try await shop.ledger.artifacts(of: second).isEmpty)
        let again = try await shop.begin(second, by: worker)
        _ = try await shop.ledger.end(again, .succeeded(StageResult(usedItem: "guid-2")), AttemptRecord())
        #expect(try await shop.ledger.job(second).stage == .voice)
    }
}
