import Failpoints
import Postgres
import Production
import TestServers

extension Drill {
    /// Fault 13: what costs money and what is published, done by the real adapters on peers of the providers.
    static let door: [Drill] = [
        Drill(13, "the script and the voice worker killed at each point of the door for money, on their providers") {
            try await FaultFleet.withPeers { fleet, _ in try await killAtTheDoor(fleet, at: doorFailpoints) }
        },
        Drill(13, "the script and the voice worker killed between bill and keep, and before", quick: true) {
            try await FaultFleet.withPeers { fleet, _ in
                try await killAtTheDoor(fleet, at: [.providerCallBefore, .providerCallAfter])
            }
        },
    ]

    /// Those of a paid call, in the order in which it comes by.
    private static let doorFailpoints: [Failpoint] = [
        .reserveBefore, .reserveAfter, .providerCallBefore, .providerCallAfter, .responseKeepBefore, .responseKeepAfter,
        .settleBefore, .settleAfter,
    ]

    /// Whether a provider has billed what nobody has kept yet.
    private static func isBetweenBillAndKeep(_ point: Failpoint) -> Bool {
        point == .providerCallAfter || point == .responseKeepBefore
    }

    /// A story for each point, at which first the script worker dies, then the voice worker. Doubt is left by those deaths
    /// alone that fell between bill and keep.
    private static func killAtTheDoor(_ fleet: FaultFleet, at points: [Failpoint]) async throws -> Outcome {
        try fleet.start()
        let victims = [try fleet.worker("script-1"), try fleet.worker("voice-1")]
        var doubts = 0
        for point in points {
            let restarts = victims.map(\.restarts)
            for victim in victims {
                victim.arm("\(point.rawValue)=kill@1")
                await victim.run.kill()
            }
            try await eventually("both are back, armed", within: .seconds(20)) {
                zip(victims, restarts).allSatisfy { $0.restarts > $1 }
            }
            for victim in victims { victim.arm(nil) }
            try await fleet.openStories(1)
            for (victim, before) in zip(victims, restarts) {
                try await eventually("\(victim.run.name) has died at \(point.rawValue)", within: .seconds(60)) {
                    // A call whose answer was lost is asked again once it can't be under way any more.
                    try await fleet.passDeadlines()
                    return victim.restarts > before + 1
                }
            }
            if isBetweenBillAndKeep(point) { doubts += 1 }
            try await eventually("the story of \(point.rawValue) is published", within: .seconds(60)) {
                try await fleet.passDeadlines()
                return try await fleet.number("SELECT count(*) FROM jobs WHERE finished_at IS NULL") == 0
            }
            do {
                try await fleet.checkBooks(doubts: doubts)
            } catch {
                throw DrillFailure("after \(point.rawValue): \(error)")
            }
        }
        let verdict = try await Oracle(fleet).check()
        for books in try await fleet.books() { say("  \(books)") }
        return Outcome(verdict)
    }
}
