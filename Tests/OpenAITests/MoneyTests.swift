import Foundation
import Production
import ProviderPeers
import Testing

@testable import OpenAI

@Suite struct `Where money is short` {
    /// What the first turn of the dearer and of the cheaper model may cost.
    private func bounds(_ bench: Bench) async throws -> [MicroDollars] {
        let probe = MemorySpending()
        for model in ["gpt-dear", "gpt-cheap"] {
            let writer = try bench.writer(bench.client(), models: [model])
            _ = try await writer.write(for: [Bench.candidate()], spending: probe)
        }
        return probe.requests.map(\.upperBound)
    }

    @Test func `a channel goes to the cheaper model, then to none`() async throws {
        try await Bench.with { bench in
            let bounds = try await bounds(bench)
            let calls = bench.peer.bill.calls
            let candidate = try Bench.candidate(whenShort: .cheaper)
            let some = MemorySpending(day: bounds[0] - 1)
            let writer = try bench.writer(bench.client(), offline: true)
            let cheaper = try await writer.write(for: [candidate], spending: some)
            #expect(cheaper.notes["model"] == "gpt-cheap" && cheaper.provider == "openai")
            #expect(cheaper.notes["model 1"] == "gpt-dear: the day's money is used up")

            let none = try await writer.write(for: [candidate], spending: MemorySpending(video: bounds[1] - 1))
            #expect(none.provider == "offline" && none.notes["money 1"]?.contains("the video's ceiling") == true)
            guard case .written(let storyboard, _) = none.answer else { throw CocoaError(.featureUnsupported) }
            #expect(storyboard.scenes.count > 2)
            #expect(bench.peer.bill.calls == calls + 1)
        }
    }

    @Test func `a channel holds until tomorrow, or stops`() async throws {
        try await Bench.with(day: 10) { bench in
            let writer = try bench.writer(bench.client(), offline: true)
            let held = await #expect(throws: StageFailure.self) {
                try await bench.write(writer, for: [Bench.candidate(whenShort: .hold)])
            }
            #expect(held?.kind == .limited(until: Date(timeIntervalSince1970: 1_800_000_000)) && held?.shortOf == .day)
            let stopped = await #expect(throws: StageFailure.self) {
                try await bench.write(writer, for: [Bench.candidate(whenShort: .stop)])
            }
            #expect(stopped?.kind == .permanent && stopped?.shortOf == .day)
            #expect(bench.server.requests.isEmpty)
        }
    }

    @Test func `the provider's own credit is as short as ours`() async throws {
        for (policy, kind) in [(Channel.ShortOfMoney.hold, "limited"), (.stop, "permanent"), (.cheaper, "offline")] {
            try await Bench.with { bench in
                bench.server.fail(
                    .reply(OpenAIPeer.error(429, "No credit.", "insufficient_quota", code: "credit_balance_exhausted")))
                let writer = try bench.writer(bench.client(), offline: true)
                let candidate = try Bench.candidate(whenShort: policy)
                do {
                    let script = try await writer.write(for: [candidate], spending: bench.spending)
                    #expect(kind == "offline" && script.provider == "offline")
                } catch let failure as StageFailure {
                    if case .limited = failure.kind { #expect(kind == "limited") } else { #expect(kind == "permanent") }
                }
                #expect(bench.server.requests.count == 1, "never asked again")
                #expect(bench.spending.spent == 0)
            }
        }
    }

    @Test func `what a channel never says is not extracted either`() async throws {
        try await Bench.with(day: 10) { bench in
            let writer = try bench.writer(bench.client(), offline: true)
            let brief = Channel.Brief(forbidden: ["Mesopotamia"])
            let failure = await #expect(throws: StageFailure.self) {
                try await bench.write(writer, for: [Bench.candidate(length: 120, brief: brief, whenShort: .cheaper)])
            }
            #expect(failure?.shortOf == .day && failure?.answer.contains("Mesopotamia") == true)
            if case .limited? = failure?.kind {} else { Issue.record("\(failure as Any)") }
        }
    }
}

@Suite struct `The routing of stories` {
    private func costs(_ model: ChatModel) -> MicroDollars { model.name == "dear" ? 10 : 1 }

    private func first(_ routing: ModelRouting, _ item: Int) -> String {
        routing.order(channel: .init(7), item: "item \(item)", cost: costs).models[0].name
    }

    @Test func `sends a share to the cheaper model, the same story always to the same`() throws {
        let routing = try #require(ModelRouting([ChatModel("dear"), ChatModel("cheap")], cheaperShare: 60))
        let names = (0..<5_000).map { first(routing, $0) }
        let share = names.count { $0 == "cheap" }
        #expect((2_850...3_150).contains(share), "\(share) of 5,000")
        #expect((0..<200).map { first(routing, $0) } == Array(names.prefix(200)))
        let order = routing.order(channel: .init(7), item: "x", cost: costs).models.map(\.name)
        #expect(Set(order) == ["dear", "cheap"])
    }

    @Test func `sends all or none where it is told to`() throws {
        for (share, name) in [(0, "dear"), (100, "cheap")] {
            let routing = try #require(ModelRouting([ChatModel("dear"), ChatModel("cheap")], cheaperShare: share))
            let names = Set((0..<50).map { first(routing, $0) })
            #expect(names == [name])
        }
        #expect(ModelRouting([]) == nil)
    }

    @Test func `keeps its order among equally dear models`() throws {
        let routing = try #require(ModelRouting([ChatModel("a"), ChatModel("b")], cheaperShare: 100))
        let names = routing.order(channel: .init(1), item: "x", cost: { _ in 0 }).models.map(\.name)
        #expect(names == ["a", "b"])
    }
}
