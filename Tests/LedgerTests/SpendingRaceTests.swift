import DiskArtifacts
import Fleet
import Foundation
import Ledger
import Logging
import Postgres
import Production
import Synchronization
import Testing

/// A provider that bills each call and counts, and those who race for it.
private final class Till: Sendable {
    private let state = Mutex((calls: 0, billed: Int64(0), tries: 0))
    private let oddities = Mutex<[String]>([])
    var calls: Int { state.withLock { $0.calls } }
    var billed: Int64 { state.withLock { $0.billed } }
    var surprises: [String] { oddities.withLock { $0 } }

    /// The next try's number.
    func next() -> Int {
        state.withLock {
            $0.tries += 1
            return $0.tries - 1
        }
    }

    func isSurprised(by what: String) { oddities.withLock { $0.append(what) } }

    func bill(_ amount: Int64) async throws -> PaidAnswer {
        state.withLock { $0 = ($0.calls + 1, $0.billed + amount, $0.tries) }
        // Somebody else's turn, while this one's money is held.
        await Task.yield()
        return PaidAnswer(body: [1], costs: [try cost(amount, item: "call")])
    }
}

@Suite(.serialized) struct `A race for the last of the money` {
    /// What the whole fleet may spend fits a hundred calls, and not a micro-dollar of another.
    @Test(arguments: [("day", 10_000), ("provider", 1_500), ("video", 1_500)])
    func `of 64 at once pays for exactly the hundred calls that fit`(tight: String, tries: Int) async throws {
        let price: Int64 = 977
        let (room, plenty) = (MicroDollars(100 * price + price - 1), MicroDollars(1_000_000_000))
        let shop = try await Workshop(
            videoCeiling: tight == "video" ? room : plenty, dayCeiling: tight == "day" ? room : plenty, size: 8)
        let folder = FileManager.default.temporaryDirectory.appending(path: "race-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let limits = ProviderLimits(dayCeiling: tight == "provider" ? room : plenty)
        let calls = PaidCalls(
            ledger: shop.ledger, responses: DiskResponses(root: folder), limits: { _ in limits }, ids: { UUID() },
            logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() })
        let worker = try await shop.worker()
        var begun: [OpenAttempt] = []
        // One video's own ceiling is raced for by all; the others' by attempts of many.
        for _ in 0..<(tight == "video" ? 1 : 16) { begun.append(try await shop.begin(shop.job(), by: worker)) }
        let (till, attempts) = (Till(), begun)

        await withTaskGroup(of: Void.self) { group in
            for task in 0..<64 {
                group.addTask {
                    while true {
                        let number = till.next()
                        guard number < tries else { return }
                        let request = PaidRequest(
                            provider: "openai", model: "small", body: Array("try \(number)".utf8), item: "call",
                            upperBound: MicroDollars(price), timeLimit: .seconds(600))
                        do {
                            _ = try await calls.answer(to: request, for: attempts[task % attempts.count]) { _ in
                                try await till.bill(price)
                            }
                        } catch let failure as StageFailure {
                            let isExpected = tight == "video" ? failure.kind == .permanent : failure.kind != .permanent
                            if !isExpected { till.isSurprised(by: "\(failure)") }
                        } catch {
                            till.isSurprised(by: "\(error)")
                        }
                    }
                }
            }
        }

        #expect(till.surprises == [])
        #expect(till.calls == 100)
        #expect(till.billed == 100 * price)
        #expect(try await shop.number("SELECT sum(amount)::bigint FROM cost_rows") == till.billed)
        #expect(try await shop.number("SELECT count(*) FROM cost_rows WHERE in_doubt") == 0)
        // Nothing is held any more, nothing lies above a ceiling, and every scope tells the same.
        let wrong = try await shop.number(
            "SELECT count(*) FROM counters WHERE held <> 0 OR overrun <> 0 OR spent > ceiling")
        #expect(wrong == 0)
        for scope in ["day", "provider", "video"] {
            let spent = try await shop.number(
                "SELECT COALESCE(sum(spent), 0)::bigint FROM counters WHERE scope = \(scope)")
            #expect(spent == till.billed, "\(scope)")
        }
        #expect(try await shop.number("SELECT count(*) FROM notices WHERE kind = 'budget.warning'") == 1)
    }
}
