import FoundationEssentials
import Production
import Testing

@Suite struct `The retry rules` {
    private let rules = RetryRules()

    private func verdict(_ kind: StageFailure.Kind, counted: Int) -> RetryRules.Verdict {
        var dice = LoadedDice(value: .max)
        return rules.verdict(on: kind, counted: counted, using: &dice)
    }

    @Test func `bury a permanent failure at the first try`() {
        #expect(verdict(.permanent, counted: 0) == .bury)
    }

    @Test(arguments: [0, 7, 1_000]) func `park what a limit stopped, however often it was tried`(counted: Int) {
        let morning = Date(timeIntervalSince1970: 1_800_000_000)
        #expect(verdict(.limited(until: morning), counted: counted) == .park(until: morning))
    }

    @Test func `bury the eighth transient failure, not the seventh`() {
        #expect(verdict(.transient(), counted: 6) != .bury)
        #expect(verdict(.transient(), counted: 7) == .bury)
        #expect(verdict(.transient(retryAfter: .seconds(1)), counted: 7) == .bury)
    }

    @Test func `obey the provider's wish, within bounds`() {
        #expect(verdict(.transient(retryAfter: .seconds(42)), counted: 0) == .retry(after: .seconds(42)))
        #expect(verdict(.transient(retryAfter: .seconds(-5)), counted: 0) == .retry(after: .zero))
        #expect(verdict(.transient(retryAfter: .seconds(900_000)), counted: 0) == .retry(after: .seconds(86_400)))
    }

    @Test func `wait longer after each failure`() {
        let waits = (0..<7).map { verdict(.transient(), counted: $0) }
        #expect(waits == [5, 10, 20, 40, 80, 160, 320].map { .retry(after: .seconds($0)) })
    }
}

@Suite struct `A backoff` {
    private let backoff = Backoff()

    @Test(arguments: [(-3, 5), (0, 5), (1, 5), (2, 10), (8, 640), (9, 900), (21, 900), (Int.max, 900)])
    func `lies between zero and base times two to the failures before, capped`(failures: Int, seconds: Int) {
        var lowest = LoadedDice(value: 1)
        var highest = LoadedDice(value: .max)
        #expect(backoff.delay(afterFailures: failures, using: &lowest) == .zero)
        #expect(backoff.delay(afterFailures: failures, using: &highest) == .seconds(seconds))
    }

    @Test func `spreads jobs that failed together over the whole of it`() {
        var dice = Dice(seed: 7)
        let delays = (0..<1_000).map { _ in backoff.delay(afterFailures: 4, using: &dice) }
        #expect(delays.allSatisfy { $0 >= .zero && $0 <= .seconds(40) })
        for quarter in 0..<4 {
            let range = Duration.seconds(quarter * 10)..<Duration.seconds(quarter * 10 + 10)
            #expect(delays.count(where: range.contains) > 150)
        }
    }

    @Test func `obeys a base and a cap of one's own`() {
        var highest = LoadedDice(value: .max)
        let quick = Backoff(base: .milliseconds(10), cap: .milliseconds(35))
        let delays = (1...4).map { quick.delay(afterFailures: $0, using: &highest) }
        #expect(delays == [.milliseconds(10), .milliseconds(20), .milliseconds(35), .milliseconds(35)])
    }
}
