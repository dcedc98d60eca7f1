import Testing

@testable import FaultDrill

/// The quick half of `make faults`, one drill after the other: each has a fleet of its own, and all of a machine.
@Suite(.serialized, .timeLimit(.minutes(5))) struct `Nothing is lost, and nothing done twice, after` {
    @Test(arguments: Drill.all.filter(\.isQuick).map(\.name))
    func drill(_ name: String) async throws {
        for drill in Drill.all where drill.name == name {
            let outcome = try await drill.run()
            // The promise to users, which any machine keeps. What we want of a free one, `make faults` holds.
            if outcome.limit != nil { #expect(try #require(outcome.recovery) < 30) }
        }
    }
}
