import Failpoints
package import Fleet
import FoundationEssentials
import Ledger
package import Production

/// A stage rehearsed: it goes through everything that a real one goes through, and makes something small of the right
/// kind. Only a test configuration (`testing.rehearsal`) puts it in a real stage's place.
package struct RehearsedWork: StageWork {
    package static let provider: ProviderName = "rehearsal"

    package let stage: Production.Stage
    private let settings: FleetConfiguration.Testing
    private let publishing: (any StageWork)?
    private let provider: LoopbackProvider?

    /// - Parameter publishing: the real upload, which publishes what was rehearsed before it.
    /// - Returns: nil unless the configuration asks for a rehearsal of this stage.
    package init?(_ stage: Production.Stage, _ services: FleetServices, publishing: (any StageWork)? = nil) {
        let testing = services.configuration.testing
        guard testing.rehearsal != .off, testing.stages.contains(stage) else { return nil }
        (self.stage, self.publishing, settings) = (stage, publishing, testing)
        provider = settings.paidCall.flatMap { LoopbackProvider($0) }
    }

    package func perform(_ task: StageTask) async throws -> StageOutcome {
        do {
            try await task.reach(.workBefore)
            try await wait(settings.duration / 2)
            task.report(StageProgress(fraction: 0.5, detail: "rehearsal"))
            try await task.reach(.workWithin)
            try await wait(settings.duration / 2)
            if let provider { try await pay(provider, task) }
            let outcome = try await effect(task)
            try await task.reach(.workAfter)
            return outcome
        } catch let fault as InjectedFault {
            throw StageFailure(
                fault.failure, provider: Self.provider, asked: "rehearse the \(stage.rawValue) stage",
                answer: fault.description)
        }
    }

    private func wait(_ duration: Duration) async throws {
        if duration > .zero { try await Task.sleep(for: duration) }
    }

    /// A call that costs money: at most twice the price that the provider asks.
    private func pay(_ provider: LoopbackProvider, _ task: StageTask) async throws {
        let request = PaidRequest(
            provider: Self.provider, model: stage.rawValue, body: Array("job \(task.assignment.job)".utf8),
            item: "call", upperBound: 20_000, timeLimit: .seconds(5))
        _ = try await task.answer(to: request) { id in try await provider.call(id) }
    }

    private func effect(_ task: StageTask) async throws -> StageOutcome {
        guard settings.rehearsal == .full else { return .done(StageResult(), provider: Self.provider) }
        let prop = Prop(task)
        switch stage {
        case .script: return .done(try await prop.script(), provider: Self.provider)
        case .voice: return .done(try await prop.voice(), provider: Self.provider)
        case .render: return .done(try await prop.render(videoBytes: settings.videoBytes), provider: Self.provider)
        case .upload:
            guard let publishing else { return .done(StageResult(), provider: Self.provider) }
            return try await publishing.perform(task)
        }
    }
}

extension InjectedFault {
    fileprivate var failure: StageFailure.Kind {
        switch kind {
        case .transient: .transient()
        case .permanent: .permanent
        case .limited(let time): .limited(until: Date(timeIntervalSinceNow: time.inSeconds))
        }
    }
}
