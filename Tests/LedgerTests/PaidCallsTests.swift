import DiskArtifacts
import Fleet
import Foundation
import Ledger
import Logging
import Postgres
import Production
import Synchronization
import Testing

/// A store in which no answer is ever found.
struct NothingKept: ResponseStore {
    func checkRoom(bytes: Int64) async throws {}
    func keep(_ response: KeptResponse, for request: RequestHash) async throws {}
    func find(_ request: RequestHash) async throws -> KeptResponse? { nil }
    func remove(_ request: RequestHash) async throws -> Bool { false }
}

/// A store whose disk refuses to take anything, though it had room a moment before.
private struct RefusingStore: ResponseStore {
    func checkRoom(bytes: Int64) async throws {}
    func keep(_ response: KeptResponse, for request: RequestHash) async throws { throw Unexpected(what: "no room") }
    func find(_ request: RequestHash) async throws -> KeptResponse? { nil }
    func remove(_ request: RequestHash) async throws -> Bool { false }
}

/// A store that breaks after its first look.
private final class BreakingStore: ResponseStore {
    private let looks = Mutex(0)

    func checkRoom(bytes: Int64) async throws {}
    func keep(_ response: KeptResponse, for request: RequestHash) async throws {}
    func remove(_ request: RequestHash) async throws -> Bool { false }

    func find(_ request: RequestHash) async throws -> KeptResponse? {
        let look = looks.withLock { count in
            count += 1
            return count
        }
        if look > 1 { throw Unexpected(what: "the store is away") }
        return nil
    }
}

/// A provider that counts what it was asked.
private final class CountingProvider: Sendable {
    private let asked = Mutex(0)
    var count: Int { asked.withLock { $0 } }

    func answer(_ words: String, for amount: Int64) throws -> PaidAnswer {
        asked.withLock { $0 += 1 }
        return PaidAnswer(
            body: Array(words.utf8),
            costs: [try cost(amount - 1, item: "input_tokens"), try cost(1, item: "output_tokens")])
    }
}

/// How many are inside at once.
private final class Crowd: Sendable {
    private let state = Mutex((now: 0, most: 0))
    var most: Int { state.withLock { $0.most } }

    func enter() {
        state.withLock {
            $0.now += 1
            $0.most = max($0.most, $0.now)
        }
    }

    func leave() { state.withLock { $0.now -= 1 } }
}

/// The door, with a folder of its own for answers.
private struct Door {
    let shop: Workshop
    let calls: PaidCalls
    let responses: any ResponseStore
    let worker: WorkerIdentity
    let attempt: OpenAttempt
    let folder: URL

    init(
        _ shop: Workshop, job: Job.ID? = nil, responses: (any ResponseStore)? = nil,
        limits: ProviderLimits = ProviderLimits(dayCeiling: 1_000_000)
    ) async throws {
        self.shop = shop
        folder = FileManager.default.temporaryDirectory.appending(path: "answers-\(UUID())")
        let responses = responses ?? DiskResponses(root: folder)
        self.responses = responses
        calls = PaidCalls(
            ledger: shop.ledger, responses: responses, limits: { _ in limits }, ids: { UUID() },
            logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() })
        let job = if let job { job } else { try await shop.job() }
        worker = try await shop.worker("w-\(UUID())")
        attempt = try await shop.begin(job, by: worker)
    }

    /// One of which nothing is sent before `Ledger.send` says so.
    func reservation(_ words: String = "write", limit: Duration = .seconds(600)) throws -> ReservationRequest {
        ReservationRequest(
            id: UUID(), attempt: attempt.id, provider: "openai", item: "tokens", upperBound: 100,
            request: try request(words).hash(), timeLimit: limit, limits: ProviderLimits(dayCeiling: 1_000_000),
            unsent: true)
    }

    func request(_ words: String = "write", bound: Int64 = 100, limit: Duration = .seconds(600)) -> PaidRequest {
        PaidRequest(
            provider: "openai", model: "small", body: Array(words.utf8), item: "tokens",
            upperBound: MicroDollars(bound), timeLimit: limit)
    }

    func rows() async throws -> [CostRow] { try await shop.ledger.costs(of: attempt.job) }

    /// held, spent
    func day() async throws -> [MicroDollars] {
        let counter = try await shop.ledger.counter("day", shop.ledger.moneyDay())
        return [counter?.held ?? 0, counter?.spent ?? 0]
    }

    func close() { try? FileManager.default.removeItem(at: folder) }
}

@Suite struct `A paid call` {
    @Test func `is reserved, kept, and settled at what it really cost, by items`() async throws {
        let door = try await Door(Workshop())
        defer { door.close() }
        let provider = CountingProvider()
        let body = try await door.calls.answer(to: door.request(), for: door.attempt) { id in
            #expect(try await door.day() == [100, 0])
            #expect(try await door.shop.number("SELECT count(*) FROM reservations WHERE id = \(id)") == 1)
            return try provider.answer("once", for: 60)
        }
        #expect(String(decoding: body, as: UTF8.self) == "once")
        #expect(try await door.rows().map(\.item) == ["input_tokens", "output_tokens"])
        #expect(try await door.rows().map(\.amount) == [59, 1])
        #expect(try await door.day() == [0, 60])
    }

    @Test func `asked again, by whichever job, is answered from the store and costs nothing`() async throws {
        let door = try await Door(Workshop())
        defer { door.close() }
        let provider = CountingProvider()
        for _ in 0..<3 {
            let body = try await door.calls.answer(to: door.request(), for: door.attempt) { _ in
                try provider.answer("answer \(provider.count)", for: 10)
            }
            #expect(String(decoding: body, as: UTF8.self) == "answer 0")
        }
        #expect(provider.count == 1)
        #expect(try await door.day() == [0, 10])
        #expect(try await door.shop.number("SELECT uses::bigint FROM responses") == 2)
        _ = try await door.calls.answer(to: door.request("another"), for: door.attempt) { _ in
            try provider.answer("more", for: 10)
        }
        #expect(provider.count == 2)
    }

    @Test func `made by many at once is made by one of them`() async throws {
        let door = try await Door(Workshop(size: 16))
        defer { door.close() }
        let provider = CountingProvider()
        let bodies = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<24 {
                group.addTask {
                    try await door.calls.answer(to: door.request(), for: door.attempt) { _ in
                        try provider.answer("the one", for: 7)
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(bodies).count == 1 && bodies.count == 24)
        #expect(provider.count == 1)
        #expect(try await door.day() == [0, 7])
    }

    @Test func `that was certainly not billed gives its money back`() async throws {
        let door = try await Door(Workshop())
        defer { door.close() }
        let refusal = StageFailure(.transient(), provider: "openai", asked: "to write", answer: "429")
        await #expect(throws: refusal) {
            _ = try await door.calls.answer(to: door.request(), for: door.attempt) { _ in throw NotBilled(refusal) }
        }
        #expect(try await door.day() == [0, 0])
        #expect(try await door.rows().isEmpty)
    }

    @Test func `that was reserved and could not be begun gives its money back`() async throws {
        let door = try await Door(Workshop(), responses: BreakingStore())
        defer { door.close() }
        let provider = CountingProvider()
        await #expect(throws: Unexpected.self) {
            _ = try await door.calls.answer(to: door.request(), for: door.attempt) { _ in
                try provider.answer("never asked", for: 50)
            }
        }
        #expect(provider.count == 0)
        #expect(try await door.shop.number("SELECT count(*) FROM reservations WHERE state = 'released'") == 1)
        #expect(try await door.day() == [0, 0])
        #expect(try await door.rows().isEmpty)
    }

    @Test func `of which nobody knows whether it was billed stands in doubt at its bound, and may be made again`()
        async throws
    {
        let door = try await Door(Workshop())
        defer { door.close() }
        let provider = CountingProvider()
        await #expect(throws: Unexpected.self) {
            _ = try await door.calls.answer(to: door.request(), for: door.attempt) { _ in
                _ = try provider.answer("lost on the way", for: 50)
                throw Unexpected(what: "connection reset")
            }
        }
        #expect(try await door.rows().map(\.inDoubt) == [true])
        #expect(try await door.day() == [0, 100])
        _ = try await door.calls.answer(to: door.request(), for: door.attempt) { _ in
            try provider.answer("heard", for: 50)
        }
        #expect(provider.count == 2)
        #expect(try await door.day() == [0, 150])
    }

    @Test func `that takes longer than its limit stands in doubt`() async throws {
        let door = try await Door(Workshop())
        defer { door.close() }
        await #expect(throws: CallTimedOut.self) {
            _ = try await door.calls.answer(to: door.request(limit: .milliseconds(20)), for: door.attempt) { _ in
                try await Task.sleep(for: .seconds(3_600))
                throw Unexpected(what: "not cancelled")
            }
        }
        #expect(try await door.day() == [0, 100])
    }

    @Test func `whose task is cancelled when the answer is there is kept and settled all the same`() async throws {
        let door = try await Door(Workshop())
        defer { door.close() }
        let provider = CountingProvider()
        let task = Task {
            try await door.calls.answer(to: door.request(), for: door.attempt) { _ in
                withUnsafeCurrentTask { $0?.cancel() }
                return try provider.answer("paid", for: 10)
            }
        }
        _ = await task.result
        let again = try await door.calls.answer(to: door.request(), for: door.attempt) { _ in
            try provider.answer("paid twice", for: 10)
        }
        #expect(String(decoding: again, as: UTF8.self) == "paid")
        #expect(provider.count == 1)
        #expect(try await door.day() == [0, 10])
    }

    @Test func `whose answer can't be kept is used, and settled at what it cost`() async throws {
        let door = try await Door(Workshop(), responses: RefusingStore())
        defer { door.close() }
        let provider = CountingProvider()
        let body = try await door.calls.answer(to: door.request(), for: door.attempt) { _ in
            try provider.answer("heard", for: 10)
        }
        #expect(String(decoding: body, as: UTF8.self) == "heard")
        #expect(try await door.day() == [0, 10])
        #expect(try await door.shop.number("SELECT count(*) FROM responses") == 0)
    }

    @Test func `whose maker died after keeping the answer is settled from it`() async throws {
        let door = try await Door(Workshop())
        defer { door.close() }
        let (id, hash) = (UUID(), try door.request().hash())
        let limits = ProviderLimits(dayCeiling: 1_000_000)
        #expect(
            try await door.shop.ledger.reserve(
                ReservationRequest(
                    id: id, attempt: door.attempt.id, provider: "openai", item: "tokens", upperBound: 100,
                    request: hash, timeLimit: .zero, limits: limits)) == .reserved)
        let kept = KeptResponse(reservation: id, costs: [try cost(30)], body: [1, 2, 3])
        try await door.responses.keep(kept, for: hash)
        let orphans = try await door.shop.ledger.settleOrphans(from: door.responses)
        #expect(orphans.settled == 1 && orphans.inDoubt == 0)
        #expect(try await door.rows().map(\.amount) == [30])
        let body = try await door.calls.answer(to: door.request(), for: door.attempt) { _ in
            throw Unexpected(what: "paid twice")
        }
        #expect(body == [1, 2, 3])
        #expect(try await door.day() == [0, 30])
    }

    @Test func `whose maker died before it was sent cost nothing, and is made at once by whoever asks again`()
        async throws
    {
        let door = try await Door(Workshop())
        defer { door.close() }
        #expect(try await door.shop.ledger.reserve(try door.reservation()) == .reserved)
        // It may still be sent: its attempt runs.
        #expect(try await door.shop.ledger.settleOrphans(from: door.responses) == OrphansSettled())
        try await door.shop.silence(door.worker)
        let next = try await Door(door.shop, job: door.attempt.job, responses: door.responses)
        let provider = CountingProvider()
        _ = try await next.calls.answer(to: door.request(), for: next.attempt) { _ in
            try provider.answer("once", for: 60)
        }
        #expect(provider.count == 1)
        #expect(try await next.day() == [0, 60])
        #expect(try await next.rows().allSatisfy { !$0.inDoubt })
    }

    @Test func `that was given up is not sent by whoever wakes up later`() async throws {
        let door = try await Door(Workshop())
        defer { door.close() }
        let ledger = door.shop.ledger
        let asked = try (door.reservation(), door.reservation("another"), door.reservation("late", limit: .zero))
        #expect(try await ledger.reserve([asked.0, asked.1, asked.2]) == [.reserved, .reserved, .reserved])
        #expect(try await ledger.settleOrphans(from: door.responses).released == 1, "one is past its deadline")
        #expect(try await !ledger.send(asked.2.id))
        #expect(try await ledger.send(asked.0.id))
        try await door.shop.cancel(door.attempt.job)
        #expect(try await !ledger.send(asked.1.id), "its attempt has ended")
        let orphans = try await ledger.settleOrphans(from: door.responses)
        #expect(orphans.released == 1 && orphans.inDoubt == 0)
        #expect(try await door.day() == [100, 0], "what was sent is held until its deadline")
        #expect(try await !ledger.send(asked.1.id))
    }

    @Test func `is released by nobody while it is being sent`() async throws {
        let door = try await Door(Workshop())
        defer { door.close() }
        let (ledger, asked) = (door.shop.ledger, try door.reservation(limit: .zero))
        _ = try await ledger.reserve(asked)
        let released = try await door.shop.pool.withConnection { sender in
            try await sender.execute("BEGIN")
            #expect(try await sender.query("SELECT id FROM send_reserved(ARRAY[\(asked.id)]::uuid[])").count == 1)
            let released = try await ledger.settleOrphans(from: door.responses)
            try await sender.execute("COMMIT")
            return released
        }
        #expect(released.released == 0)
        #expect(try await ledger.settleOrphans(from: door.responses).released == 0)
    }

    @Test func `whose maker died, asked again before its deadline, is settled by whoever finds its answer`()
        async throws
    {
        let door = try await Door(Workshop())
        defer { door.close() }
        let (id, hash) = (UUID(), try door.request().hash())
        _ = try await door.shop.ledger.reserve(
            ReservationRequest(
                id: id, attempt: door.attempt.id, provider: "openai", item: "tokens", upperBound: 100, request: hash,
                timeLimit: .seconds(600), limits: ProviderLimits(dayCeiling: 1_000)))
        try await door.responses.keep(KeptResponse(reservation: id, costs: [try cost(30)], body: [1]), for: hash)
        _ = try await door.calls.answer(to: door.request(), for: door.attempt) { _ in
            throw Unexpected(what: "paid twice")
        }
        #expect(try await door.day() == [0, 30])
    }

    @Test func `above the video's own ceiling is refused for good, above the day's until tomorrow`() async throws {
        let door = try await Door(Workshop(videoCeiling: 50))
        defer { door.close() }
        let failure = await #expect(throws: StageFailure.self) {
            _ = try await door.calls.answer(to: door.request(), for: door.attempt) { _ in throw CancellationError() }
        }
        #expect(failure?.kind == .permanent)
        #expect(failure?.answer.contains("money.video-ceiling") == true)
        #expect(failure?.shortOf == .video)

        let poor = try await Door(Workshop(dayCeiling: 50))
        defer { poor.close() }
        let wait = await #expect(throws: StageFailure.self) {
            _ = try await poor.calls.answer(to: poor.request(), for: poor.attempt) { _ in throw CancellationError() }
        }
        let opens = try await poor.shop.ledger.nextMoneyDay()
        #expect(wait?.shortOf == .day)
        guard case .limited(let until) = wait?.kind else {
            Issue.record("\(wait as Any)")
            return
        }
        #expect(until >= opens && until < opens + 300)
    }

    @Test func `is refused to an attempt that was cancelled`() async throws {
        let door = try await Door(Workshop())
        defer { door.close() }
        try await door.shop.cancel(door.attempt.job)
        await #expect(throws: FenceRisen.self) {
            _ = try await door.calls.answer(to: door.request(), for: door.attempt) { _ in throw CancellationError() }
        }
    }

    @Test func `waits for its turn when the provider has as many under way as it may`() async throws {
        let limits = ProviderLimits(dayCeiling: 1_000_000, atOnce: 2)
        let door = try await Door(Workshop(size: 16), limits: limits)
        defer { door.close() }
        let crowd = Crowd()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<6 {
                group.addTask {
                    _ = try await door.calls.answer(to: door.request("\(number)"), for: door.attempt) { _ in
                        crowd.enter()
                        try await Task.sleep(for: .milliseconds(20))
                        crowd.leave()
                        return PaidAnswer(body: [1], costs: [])
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect((1...2).contains(crowd.most))
        #expect(try await door.day() == [0, 0])
    }

    @Test func `beyond the provider's rate is told when there is a turn again`() async throws {
        let door = try await Door(Workshop())
        defer { door.close() }
        let limits = ProviderLimits(dayCeiling: 1_000_000, perMinute: 24)
        func ask() async throws -> ReservationAnswer {
            try await door.shop.ledger.reserve(
                ReservationRequest(
                    id: UUID(), attempt: door.attempt.id, provider: "openai", item: "tokens", upperBound: 1,
                    request: door.request("\(UUID())").hash(), timeLimit: .seconds(60), limits: limits))
        }
        // A bucket holds five seconds' worth, which is two, and gets another every two and a half: on a machine that is busy with
        // other tests some may have come meanwhile.
        let begin = ContinuousClock.now
        var (reserved, until): (Int64, Date?) = (0, nil)
        for _ in 0..<50 where until == nil {
            switch try await ask() {
            case .reserved: reserved += 1
            case .tooMany(let date): until = date
            case let answer: Issue.record("\(answer)")
            }
        }
        let passed = (ContinuousClock.now - begin) / .seconds(1)
        #expect(reserved >= 2 && Double(reserved) <= 2 + passed / 2.5, "\(reserved) after \(passed) s")
        #expect(try #require(until) <= Date() + 2.6)
        #expect(try await door.day() == [MicroDollars(reserved), 0])
    }
}

@Suite struct `Reservations asked for together` {
    @Test func `are each answered for themselves`() async throws {
        let shop = try await Workshop(videoCeiling: 100)
        let door = try await Door(shop)
        defer { door.close() }
        let other = try await shop.begin(shop.job(), by: shop.worker("other"))
        let gone = try await shop.begin(shop.job(), by: shop.worker("gone"))
        try await shop.cancel(gone.job)
        let limits = ProviderLimits(dayCeiling: 1_000_000)
        func request(_ attempt: OpenAttempt, _ amount: Int64, _ words: String) throws -> ReservationRequest {
            ReservationRequest(
                id: UUID(), attempt: attempt.id, provider: "openai", item: "tokens", upperBound: MicroDollars(amount),
                request: try door.request(words).hash(), timeLimit: .seconds(600), limits: limits)
        }
        let requests = [
            try request(door.attempt, 60, "a"), try request(gone, 1, "b"), try request(door.attempt, 60, "c"),
            try request(other, 60, "a"), try request(other, 100, "d"), try request(door.attempt, 40, "e"),
        ]
        let answers = try await shop.ledger.reserve(requests)
        #expect(answers[0] == .reserved)
        #expect(answers[1] == .revoked)
        #expect(answers[2] == .refused(by: .video))
        guard case .taken = answers[3] else {
            Issue.record("\(answers[3])")
            return
        }
        #expect(answers[4] == .reserved)
        #expect(answers[5] == .reserved)
        #expect(try await door.day() == [200, 0])
        #expect(
            try await shop.ledger.reserve(requests).map { $0 == .reserved } == [true, false, false, false, true, true])
        #expect(try await door.day() == [200, 0])
    }

    @Test(arguments: 1...3) func `by many transactions over the same videos never deadlock, and add up`(seed: UInt64)
        async throws
    {
        let shop = try await Workshop(size: 12)
        var attempts: [OpenAttempt] = []
        for index in 0..<6 { attempts.append(try await shop.begin(shop.job(), by: shop.worker("w\(index)"))) }
        let settled = try await withThrowingTaskGroup(of: Int64.self) { [attempts] group in
            for worker in 0..<10 {
                group.addTask {
                    var dice = Dice(seed: seed * 100 + UInt64(worker))
                    var sum: Int64 = 0
                    for _ in 0..<15 {
                        let requests = (0..<Int.random(in: 1...8, using: &dice)).map { _ in
                            ReservationRequest(
                                id: UUID(), attempt: attempts[Int.random(in: 0..<6, using: &dice)].id,
                                provider: Bool.random(using: &dice) ? "openai" : "elevenlabs", item: "tokens",
                                upperBound: 10,
                                request: RequestHash(bytes: (0..<32).map { _ in .random(in: 0...255, using: &dice) })!,
                                timeLimit: .seconds(600), limits: ProviderLimits(dayCeiling: 100_000_000))
                        }
                        let answers = try await shop.ledger.reserve(requests)
                        #expect(answers.allSatisfy { $0 == .reserved })
                        let ends = try requests.shuffled(using: &dice).map {
                            ReservationEnd($0.id, .settled([try cost(7)], kept: true))
                        }
                        #expect(try await shop.ledger.end(ends).count == ends.count)
                        sum += Int64(ends.count) * 7
                    }
                    return sum
                }
            }
            return try await group.reduce(0, +)
        }
        let day = try await shop.ledger.counter("day", shop.ledger.moneyDay())
        #expect(day?.held == 0 && day?.spent == MicroDollars(settled))
        #expect(try await shop.number("SELECT sum(amount)::bigint FROM cost_rows") == settled)
        #expect(
            try await shop.isTrue(
                """
                SELECT bool_and(held = 0 AND spent = (SELECT sum(amount) FROM cost_rows r WHERE r.job_id::text = key))
                FROM counters WHERE scope = 'video'
                """))
    }
}

@Suite struct `A kept answer` {
    @Test func `comes back as it was, and not at all once it is damaged`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "answers-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = DiskResponses(root: folder)
        let hash = try #require(RequestHash(bytes: Array(repeating: 0xAB, count: 32)))
        #expect(try await store.find(hash) == nil)
        let answer = KeptResponse(reservation: UUID(), costs: [try cost(3)], body: [0, 10, 255, 10, 1])
        try await store.checkRoom(bytes: 1_000)
        try await store.keep(answer, for: hash)
        #expect(try await store.find(hash) == answer)
        #expect(try await DiskResponses(root: folder).find(hash) == answer)

        let path = folder.appending(path: "responses/ab/\(hash)").path
        var bytes = try #require(FileManager.default.contents(atPath: path))
        bytes[bytes.count - 1] ^= 1
        try FileManager.default.removeItem(atPath: path)
        #expect(FileManager.default.createFile(atPath: path, contents: bytes))
        #expect(try await store.find(hash) == nil)
        try await store.keep(answer, for: hash)
        #expect(try await store.find(hash) == answer)
        #expect(try await store.remove(hash))
        #expect(try await !store.remove(hash))
    }

    @Test func `is forgotten when nobody has read it for long, but not while its job may ask again`() async throws {
        let door = try await Door(Workshop())
        defer { door.close() }
        for words in ["a", "b"] {
            _ = try await door.calls.answer(to: door.request(words), for: door.attempt) { _ in
                PaidAnswer(body: [1], costs: [])
            }
        }
        let old: SQL = "UPDATE responses SET used_at = now() - interval '2 days'"
        try await door.shop.pool.execute(old)
        #expect(try await door.shop.ledger.forgetResponses(unusedFor: .seconds(86_400)).isEmpty)
        _ = try await door.shop.ledger.end(door.attempt, .failed(trouble), AttemptRecord())
        #expect(try await door.shop.ledger.forgetResponses(unusedFor: .seconds(86_400)).isEmpty, "dead")
        try await door.shop.pool.execute("UPDATE jobs SET state = 'cancelled'")
        #expect(try await door.shop.ledger.forgetResponses(unusedFor: .seconds(86_400)).count == 2)
    }
}
