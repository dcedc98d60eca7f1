import MonthTrial
import Production
import TestServers
import Testing

/// `make bench GROUP=money` runs a whole month; this is one of a few users and days, for what must hold in every one.
@Suite struct `A month of calls` {
    @Test(.timeLimit(.minutes(10)))
    func `is billed as the ledger says, repeats nothing that was paid for, and tells nothing twice`() async throws {
        var plan = MonthPlan()
        (plan.users, plan.channels, plan.days, plan.moments, plan.length) = (2, 1, 3, 1, 30)
        // More than a real month has, so that so few videos meet some of it.
        (plan.crashShare, plan.sentBackShare, plan.greetingShare) = (0.5, 0.4, 1)
        (plan.refusedShare, plan.brokenShare) = (0.02, 0.02)
        let month = try await Month.run(plan, on: .shared)

        #expect(month.deaths == [])
        #expect(month.published == 6)
        #expect(month.failures > 0 && month.openReservations == 0)
        #expect(month.ledger == month.bills && month.ledger.count == 2)
        #expect(month.sharedNarrations == 0 && month.scenes >= 12 && month.repeatedStock == 0)
        #expect(month.dearestVideo < 3_000_000 && month.dearestDay < 150_000_000)
        // Greeting, source and farewell of each channel are said once, in its first video, though they are heard in all.
        #expect(month.calls[.speech].shared == 2 * 2 * 3)
        #expect(month.calls[.script].made == 6)
        #expect(month.saved > 0)
    }
}
