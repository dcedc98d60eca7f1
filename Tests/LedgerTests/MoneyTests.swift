import Foundation
import Ledger
import Postgres
import Production
import Testing

@Suite struct `A reservation` {
    /// A job with an open attempt, and the ceilings it is held against.
    private struct Till {
        let shop: Workshop
        let ledger: Ledger
        let attempt: OpenAttempt
        let providerCeiling: MicroDollars

        init(_ shop: Workshop, video: Int64, provider: Int64, day: Int64) async throws {
            self.shop = shop
            var settings = shop.ledger.settings
            (settings.videoCeiling, settings.dayCeiling) = (MicroDollars(video), MicroDollars(day))
            ledger = Ledger(database: shop.pool, settings: settings)
            providerCeiling = MicroDollars(provider)
            let (job, worker) = try await (shop.job(), shop.worker("w-\(UUID())"))
            attempt = try await shop.begin(job, by: worker)
        }

        func reserve(
            _ amount: Int64, id: UUID = UUID(), hash: RequestHash = Till.anyHash(), limit: Duration = .seconds(60),
            atOnce: Int? = nil, perMinute: Int? = nil
        ) async throws -> ReservationAnswer {
            try await ledger.reserve(
                request(amount, id: id, hash: hash, limit: limit, atOnce: atOnce, perMinute: perMinute))
        }

        func request(
            _ amount: Int64, id: UUID = UUID(), hash: RequestHash = Till.anyHash(), limit: Duration = .seconds(60),
            atOnce: Int? = nil, perMinute: Int? = nil
        ) -> ReservationRequest {
            ReservationRequest(
                id: id, attempt: attempt.id, provider: "openai", item: "tokens", upperBound: MicroDollars(amount),
                request: hash, timeLimit: limit,
                limits: ProviderLimits(dayCeiling: providerCeiling, atOnce: atOnce, perMinute: perMinute))
        }

        func settle(_ reservation: UUID, as cost: CostEntry) async throws -> Bool {
            try await ledger.end(ReservationEnd(reservation, .settled([cost], kept: false)))
        }

        func release(_ reservation: UUID) async throws -> Bool {
            try await ledger.end(ReservationEnd(reservation, .released))
        }

        static func anyHash() -> RequestHash {
            // 32 bytes make a hash.
            RequestHash(bytes: (0..<32).map { _ in UInt8.random(in: 0...255) })!
        }

        func counters() async throws -> [CounterReport?] {
            let day = try await ledger.moneyDay()
            return try await [
                ledger.counter("video", attempt.job.description), ledger.counter("provider", "openai \(day)"),
                ledger.counter("day", day),
            ]
        }
    }

    private func matches(_ counter: Counter, _ report: CounterReport?) -> Bool {
        guard let report else { return false }
        return (report.ceiling, report.held, report.spent, report.overrun)
            == (counter.ceiling, counter.held, counter.spent, counter.overrun)
    }

    @Test(arguments: 1...4) func `moves the three counters as the pure value moves`(seed: UInt64) async throws {
        let till = try await Till(Workshop(), video: 1_000, provider: 1_500, day: 2_000)
        var dice = Dice(seed: seed)
        var model = [Counter(ceiling: 1_000), Counter(ceiling: 1_500), Counter(ceiling: 2_000)]
        let day = try await till.ledger.moneyDay()
        let keys = [("video", till.attempt.job.description), ("provider", "openai \(day)"), ("day", day)]
        let ceilings: [ReservationAnswer.Ceiling] = [.video, .provider, .day]
        var open: [(id: UUID, amount: MicroDollars)] = []
        // The rows appear with the first reservation, even one that is refused.
        #expect(try await till.reserve(5_000) == .refused(by: .video))
        for _ in 0..<120 {
            let amount = MicroDollars(Int64.random(in: 1...400, using: &dice))
            switch Int.random(in: 0..<7, using: &dice) {
            case 0, 1, 2:
                let id = UUID()
                var next = model
                let refusing = next.indices.first { !next[$0].reserve(amount) }
                let answer = try await till.reserve(amount.rawValue, id: id)
                #expect(answer == (refusing.map { .refused(by: ceilings[$0]) } ?? .reserved))
                if refusing == nil {
                    model = next
                    open.append((id, amount))
                }
            case 3:
                guard let (id, reserved) = open.popLast() else { continue }
                #expect(try await till.settle(id, as: cost(amount.rawValue)))
                for index in model.indices { model[index].settle(reserved: reserved, actual: amount) }
            case 4:
                guard let (id, reserved) = open.popLast() else { continue }
                #expect(try await till.release(id))
                for index in model.indices { model[index].settle(reserved: reserved, actual: 0) }
            case 5:
                let index = Int.random(in: 0..<3, using: &dice)
                let (scope, key) = keys[index]
                try await till.shop.pool.execute(
                    "SELECT record_spending(\(scope), \(key), \(model[index].ceiling.rawValue), \(amount.rawValue))")
                model[index].record(amount)
            default:
                let index = Int.random(in: 0..<3, using: &dice)
                let (ceiling, (scope, key)) = (Int64.random(in: 0...6_000, using: &dice), keys[index])
                try await till.shop.pool.execute("SELECT change_ceiling(\(scope), \(key), \(ceiling))")
                model[index].changeCeiling(to: MicroDollars(ceiling))
            }
            let reports = try await till.counters()
            for (counter, report) in zip(model, reports) {
                #expect(matches(counter, report), "\(counter) and \(report as Any)")
            }
        }
    }

    @Test(arguments: ["video", "provider", "day"])
    func `never goes above a ceiling and fills it exactly, by sixty-four at once`(tight: String) async throws {
        let shop = try await Workshop(size: 16)
        let ceiling = { (scope: String) in scope == tight ? Int64(1_000) : 1_000_000 }
        let till = try await Till(shop, video: ceiling("video"), provider: ceiling("provider"), day: ceiling("day"))
        let answers = try await withThrowingTaskGroup(of: ReservationAnswer.self) { group in
            for _ in 0..<64 {
                group.addTask { try await till.reserve(10) }
                group.addTask { try await till.reserve(10) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count { $0 == .reserved } == 100)
        #expect(answers.count { $0 == .refused(by: ReservationAnswer.Ceiling(rawValue: tight)!) } == 28)
        for report in try await till.counters() {
            #expect(report.map { ($0.held, $0.spent, $0.overrun) == (1_000, 0, 0) } == true)
        }
        #expect(try await shop.number("SELECT count(*) FROM reservations") == 100)
    }

    @Test func `asked for again with its id answers the same and holds once`() async throws {
        let till = try await Till(Workshop(), video: 100, provider: 100, day: 100)
        let (id, hash) = (UUID(), Till.anyHash())
        let answers = try await withThrowingTaskGroup(of: ReservationAnswer.self) { group in
            for _ in 0..<8 { group.addTask { try await till.reserve(60, id: id, hash: hash) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers == Array(repeating: .reserved, count: 8))
        #expect(try await till.counters().map(\.?.held) == [60, 60, 60])
    }

    @Test func `is taken while the same request is under way, and free once it has ended`() async throws {
        let till = try await Till(Workshop(), video: 100, provider: 100, day: 100)
        let (first, hash) = (UUID(), Till.anyHash())
        #expect(try await till.reserve(10, id: first, hash: hash, limit: .seconds(600)) == .reserved)
        guard case .taken(let until) = try await till.reserve(10, hash: hash) else {
            Issue.record("not taken")
            return
        }
        #expect(until > Date())
        #expect(try await till.reserve(10) == .reserved, "another request")
        #expect(try await till.release(first))
        #expect(try await !till.release(first))
        #expect(try await till.reserve(10, hash: hash) == .reserved)
        #expect(try await till.counters().map(\.?.held) == [20, 20, 20])
    }

    @Test func `for one request, by many who settle at once, is always answered`() async throws {
        let till = try await Till(Workshop(size: 16), video: 1_000_000, provider: 1_000_000, day: 1_000_000)
        let hash = Till.anyHash()
        let settled = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    var settled = 0
                    for _ in 0..<20 {
                        let id = UUID()
                        guard case .reserved = try await till.reserve(10, id: id, hash: hash) else { continue }
                        if try await till.settle(id, as: cost(7)) { settled += 1 }
                    }
                    return settled
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(settled > 0)
        for report in try await till.counters() {
            #expect(report?.held == 0 && report?.spent == MicroDollars(Int64(settled) * 7))
        }
        #expect(try await till.ledger.job(till.attempt.job).cost == MicroDollars(Int64(settled) * 7))
    }

    @Test func `settled above its bound is overrun, never refused`() async throws {
        let till = try await Till(Workshop(), video: 100, provider: 200, day: 300)
        let id = UUID()
        #expect(try await till.reserve(100, id: id) == .reserved)
        #expect(try await till.settle(id, as: cost(250)))
        #expect(try await !till.settle(id, as: cost(250)))
        #expect(try await till.counters().map(\.?.held) == [0, 0, 0])
        #expect(try await till.counters().map(\.?.spent) == [250, 250, 250])
        #expect(try await till.counters().map(\.?.overrun) == [150, 50, 0])
        #expect(try await till.reserve(1) == .refused(by: .video))
        let row = try await till.ledger.costs(of: till.attempt.job)[0]
        #expect(row.amount == 250 && row.provider == "openai" && !row.inDoubt)
    }

    @Test func `whose answer is lost becomes a row in doubt at its full amount`() async throws {
        let till = try await Till(Workshop(), video: 100, provider: 100, day: 100)
        #expect(try await till.reserve(30, limit: .seconds(600)) == .reserved)
        #expect(try await till.reserve(40, limit: .zero) == .reserved)
        #expect(try await till.ledger.settleOrphans(from: NothingKept()).inDoubt == 1)
        #expect(try await till.ledger.settleOrphans(from: NothingKept()) == OrphansSettled())
        let rows = try await till.ledger.costs(of: till.attempt.job)
        #expect(rows.map(\.amount) == [40] && rows.map(\.inDoubt) == [true])
        #expect(try await till.counters().map(\.?.held) == [30, 30, 30])
        #expect(try await till.counters().map(\.?.spent) == [40, 40, 40])
        let line = try await till.ledger.costs(by: .item)[0]
        #expect(line.group == "openai tokens" && line.amount == 40 && line.inDoubt == 40 && line.rows == 1)
    }

    @Test func `of a dead attempt is settled beside new ones, by several at once, without a deadlock`() async throws {
        let shop = try await Workshop(size: 16)
        var tills: [Till] = []
        for _ in 0..<8 { tills.append(try await Till(shop, video: 1_000_000, provider: 1_000_000, day: 1_000_000)) }
        for till in tills { for _ in 0..<5 { _ = try await till.reserve(10, limit: .zero) } }
        let settled = try await withThrowingTaskGroup(of: Int.self) { [tills] group in
            for till in tills {
                group.addTask { try await till.ledger.settleOrphans(from: NothingKept()).inDoubt }
                group.addTask {
                    for _ in 0..<10 { _ = try await till.reserve(1) }
                    return 0
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(settled == 40)
        #expect(try await shop.number("SELECT count(*) FROM cost_rows WHERE in_doubt") == 40)
        #expect(try await tills[0].counters().last??.spent == 400)
        #expect(try await tills[0].counters().last??.held == 80)
    }

    @Test(.timeLimit(.minutes(5)))
    func `of a dead attempt is settled by itself: the day's counter is free while another video's is awaited`()
        async throws
    {
        let shop = try await Workshop()
        let first = try await Till(shop, video: 100, provider: 100, day: 100)
        let second = try await Till(shop, video: 100, provider: 100, day: 100)
        for till in [first, second] { _ = try await till.reserve(10, limit: .zero) }
        let settled = try await shop.pool.withConnection { holder in
            try await holder.execute("BEGIN")
            try await holder.execute(
                "SELECT FROM counters WHERE scope = 'video' AND key = \(second.attempt.job.description) FOR UPDATE")
            async let settled = first.ledger.settleOrphans(from: NothingKept()).inDoubt
            try await shop.untilWaiting(1)
            try await holder.execute("SELECT FROM counters WHERE scope = 'day' FOR UPDATE NOWAIT")
            try await holder.execute("COMMIT")
            return try await settled
        }
        #expect(settled == 2)
    }

    @Test func `is refused to an attempt that has ended or was cancelled, and under a pause`() async throws {
        let till = try await Till(Workshop(), video: 100, provider: 100, day: 100)
        try await till.ledger.pause(.script, reason: "stop")
        #expect(try await till.reserve(1) == .paused)
        _ = try await till.ledger.resume(.script)
        #expect(try await till.reserve(1) == .reserved)
        try await till.shop.cancel(till.attempt.job)
        #expect(try await till.reserve(1) == .revoked)
        #expect(try await till.counters().map(\.?.held) == [1, 1, 1])
    }

    @Test func `that no sum can hold is refused like any other`() async throws {
        let till = try await Till(Workshop(), video: 100, provider: 100, day: 100)
        #expect(try await till.reserve(1) == .reserved)
        #expect(try await till.reserve(.max) == .refused(by: .video))
    }
}

@Suite struct `The ledger's rows` {
    @Test func `are never changed or deleted`() async throws {
        let shop = try await Workshop()
        let (job, worker) = try await (shop.job(), shop.worker())
        let attempt = try await shop.begin(job, by: worker)
        _ = try await shop.ledger.end(attempt, .released, AttemptRecord(costs: [cost(5)]))
        let statements: [SQL] = [
            "UPDATE cost_rows SET amount = 0", "DELETE FROM cost_rows", "TRUNCATE cost_rows",
            "INSERT INTO cost_rows SELECT * FROM cost_rows ON CONFLICT (id) DO UPDATE SET amount = 0",
        ]
        for statement in statements {
            let error = await serverError { try await shop.pool.execute(statement) }
            #expect(error?.message.contains("rows of cost_rows are never changed") == true, "\(statement)")
        }
        #expect(try await shop.ledger.costs(of: job).map(\.amount) == [5])
    }

    @Test func `are written beyond every ceiling: finished work is never refused`() async throws {
        let shop = try await Workshop(videoCeiling: 10, dayCeiling: 15)
        let (job, worker) = try await (shop.job(), shop.worker())
        let attempt = try await shop.begin(job, by: worker)
        let record = AttemptRecord(costs: [try cost(100), try cost(200, item: "wall"), try cost(0, item: "storage")])
        _ = try await shop.ledger.end(attempt, .succeeded(StageResult()), record)
        let video = try await shop.ledger.counter("video", job.description)
        #expect(video.map { ($0.spent, $0.overrun, $0.ceiling) == (300, 290, 10) } == true)
        let day = try await shop.ledger.counter("day", shop.ledger.moneyDay())
        #expect(day.map { ($0.spent, $0.overrun, $0.ceiling) == (300, 285, 15) } == true)
        #expect(try await shop.ledger.job(job).state == .queued)
    }

    @Test func `add up by stage, user, provider and day`() async throws {
        let shop = try await Workshop()
        let (ada, bob) = try await (shop.user("ada"), shop.user("bob"))
        let worker = try await shop.worker()
        for (user, amount) in [(ada, 5), (ada, 6), (bob, 10)] as [(User, Int64)] {
            let job = try await shop.job(for: user)
            let attempt = try await shop.begin(job, by: worker)
            _ = try await shop.ledger.end(
                attempt, .released, AttemptRecord(costs: [cost(amount), cost(1, item: "wall")]))
        }
        let ledger = shop.ledger
        func sums(_ lines: [CostLine]) -> [String: MicroDollars] {
            Dictionary(uniqueKeysWithValues: lines.map { ($0.group, $0.amount) })
        }
        let day = try await ledger.moneyDay()
        #expect(try await sums(ledger.costs(by: .user)) == ["ada": 13, "bob": 11])
        #expect(try await sums(ledger.costs(by: .stage, user: bob.id)) == ["script": 11])
        #expect(try await sums(ledger.costs(by: .item)) == ["own cpu": 21, "own wall": 3])
        #expect(try await sums(ledger.costs(by: .day, from: day, through: day)) == [day: 24])
        #expect(try await ledger.costs(by: .day, from: "2020-02-29", through: "2020-02-29").isEmpty)
        #expect(try await ledger.costs(by: .stage)[0].rows == 6)
    }
}
