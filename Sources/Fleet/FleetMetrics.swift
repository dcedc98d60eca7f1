import Ledger
import Logging
import Production
import StageQueue
import Telemetry

/// How the whole fleet stands, for Prometheus: asked of Postgres and Redis at each scrape. What a server that is away
/// would have told is left out, and that it is away is told instead.
package struct FleetMetrics: Sendable {
    private let services: FleetServices

    package init(services: FleetServices) { self.services = services }

    /// - Parameter others: what other programs tell of themselves, in the same format.
    package func text(with others: [String] = []) async -> String {
        var text = MetricText()
        text.add(.build, 1, "", Version.current)
        do {
            try await addLedger(to: &text)
            text.add(.postgresUp, 1, "")
        } catch {
            services.logger.error("metrics lack Postgres", metadata: [LogKey.error: "\(error)"])
            text.add(.postgresUp, 0, "")
        }
        do {
            try await addQueue(to: &text)
            text.add(.redisUp, 1, "")
        } catch {
            services.logger.error("metrics lack Redis", metadata: [LogKey.error: "\(error)"])
            text.add(.redisUp, 0, "")
        }
        for other in others { text.add(contentsOf: other) }
        return text.text
    }

    private func addLedger(to text: inout MetricText) async throws {
        let ledger = services.ledger
        // All of it before the first sample: half of an answer would look like a change.
        let (jobs, lost) = (try await ledger.countJobs(), try await ledger.countLostAttempts())
        let (workers, money) = (try await ledger.countWorkers(), try await ledger.moneyCounters())
        let (paused, webhooks) = (try await ledger.pausedStages(), try await ledger.webhookCounts())
        for stage in Stage.allCases {
            for state in JobState.allCases where !state.isFinished || state == .dead {
                text.add(.jobs, jobs.count(stage, state.rawValue), stage.rawValue, state.rawValue)
            }
            text.add(.lostAttempts, lost.count(stage, AttemptState.lost.rawValue), stage.rawValue)
            for state in ["alive", "stopped", "dead"] {
                text.add(.workers, workers.count(stage, state), stage.rawValue, state)
            }
            text.add(.paused, paused.contains(stage) ? 1 : 0, stage.rawValue)
        }
        for counter in money {
            text.add(.moneyCeiling, counter.ceiling.dollars, counter.scope, counter.key)
            text.add(.moneyHeld, counter.held.dollars, counter.scope, counter.key)
            text.add(.moneySpent, counter.spent.dollars, counter.scope, counter.key)
            text.add(.moneyOverrun, counter.overrun.dollars, counter.scope, counter.key)
            text.add(.moneyWarned, counter.warnedAt == nil ? 0 : 1, counter.scope, counter.key)
        }
        text.add(.webhooks, webhooks.pending, "pending")
        text.add(.webhooks, webhooks.givenUp, "given_up")
    }

    private func addQueue(to text: inout MetricText) async throws {
        // Without Postgres those that were known last.
        try? await services.learnPartitions()
        let depth = try await services.queue.depth()
        for line in depth.lines {
            let (stage, priority) = (line.stage.name, line.priority.name)
            text.add(.depth, line.ready, stage, priority)
            text.add(.inHand, line.inHand, stage, priority)
            text.add(.oldest, (line.oldest ?? .zero) / .seconds(1), stage, priority)
        }
        for (stage, count) in depth.delayed.sorted(by: { $0.key.name < $1.key.name }) {
            text.add(.delayed, count, stage.name)
        }
    }
}

extension [FleetCount] {
    fileprivate func count(_ stage: Stage, _ state: String) -> Int {
        Int(first { $0.stage == stage && $0.state == state }?.count ?? 0)
    }
}

extension MicroDollars {
    /// For people and metrics only: money is never reckoned with in it.
    fileprivate var dollars: Double { Double(rawValue) / 1_000_000 }
}
