package import Ledger
package import Logging
package import Production
package import StageQueue
import Telemetry

/// Makes Redis agree with Postgres: whatever should be on its way and is not, is dispatched again. Stale dispatches are
/// harmless, because a begin is guarded.
package struct Reconciler: Sendable {
    let ledger: Ledger
    let queue: StageQueue
    let topology: FleetTopology
    let logger: Logger

    package init(ledger: Ledger, queue: StageQueue, topology: FleetTopology, logger: Logger) {
        (self.ledger, self.queue, self.topology, self.logger) = (ledger, queue, topology, logger)
    }

    /// How long a job must have been unchanged before the regular round looks at it: whoever changed it is likely still
    /// telling Redis. After Redis was emptied nobody is, so then it is zero.
    package static let quiet: Duration = .seconds(10)

    /// One round over all unfinished jobs. Answers how many deliveries were missing.
    @discardableResult
    package func reconcile(quiet: Duration = Reconciler.quiet) async throws -> Int {
        let paused = try await ledger.pausedStages()
        try await queue.setPaused(
            stages: Set(paused.map { try topology.stage($0) }), everything: paused.count == Stage.allCases.count)
        var missing = 0
        var last: Job.ID?
        while true {
            let page = try await ledger.jobsToDispatch(after: last, quiet: quiet)
            guard !page.isEmpty else { break }
            last = page.last?.id
            let outcomes = try await queue.dispatch(page.map { try topology.dispatch($0) })
            missing += outcomes.count { $0 == .dispatched || $0 == .repaired }
        }
        if missing > 0 {
            logger.notice("reconciled", metadata: [LogKey.count: "\(missing)"])
        }
        return missing
    }

    /// How often one worker of the fleet makes a round. A worker killed between its commit and telling Redis has left its
    /// job undispatched: with the quiet and the next look it is on its way again within half a minute.
    package static let interval: Duration = .seconds(15)

    /// One round, if nobody in the fleet has made one within the interval. The row that `takeDuty` moves on is the lock:
    /// two workers can't both take it.
    ///
    /// - Parameter responses: where the answers of paid calls lie whose makers died before they could settle.
    @discardableResult
    package func reconcileIfDue(
        responses: any ResponseStore, every interval: Duration = Reconciler.interval
    ) async throws -> Bool {
        guard try await ledger.takeDuty("reconcile \(topology.queue.partition)", every: interval) else { return false }
        try await reconcile()
        let orphans = try await ledger.settleOrphans(from: responses)
        if orphans.settled > 0 {
            logger.notice("settled from kept answers", metadata: [LogKey.count: "\(orphans.settled)"])
        }
        if orphans.inDoubt > 0 {
            logger.warning("reservations in doubt", metadata: [LogKey.count: "\(orphans.inDoubt)"])
        }
        return true
    }

    /// Does so until cancelled. Looks more often than that, so that a fleet whose looks are out of step still has a round
    /// each interval.
    package func run(responses: any ResponseStore, every interval: Duration = Reconciler.interval) async {
        while !Task.isCancelled {
            do {
                try await reconcileIfDue(responses: responses, every: interval)
            } catch is CancellationError {
                return
            } catch {
                logger.warning("reconcile failed", metadata: [LogKey.error: "\(error)"])
            }
            try? await Task.sleep(for: interval / 4)
        }
    }
}
