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

    /// How many pages a regular round looks at of which nothing was missing.
    package static let patience = 20

    /// Looks at all unfinished jobs: for after Redis was emptied, and when a person lets something go on. Answers how many
    /// deliveries were missing.
    @discardableResult
    package func reconcile(quiet: Duration = Reconciler.quiet) async throws -> Int {
        try await copyPauses()
        var missing = 0
        var last: Job.ID?
        while true {
            let page = try await ledger.jobsToDispatch(after: last, quiet: quiet)
            guard page.last != nil else { break }
            last = page.last
            missing += try await dispatch(page)
        }
        return told(missing)
    }

    /// A regular round. It goes on where the last one of the fleet has stopped, until it has met `patience` pages of which
    /// Redis had every delivery, or been everywhere: so it costs the same however many jobs wait, and goes on for as long as
    /// something is missing. A backlog of a few thousand is looked at whole, one of a million within a quarter of an hour;
    /// a Redis that was emptied is not left to it.
    @discardableResult
    package func reconcileInTurn(
        quiet: Duration = Reconciler.quiet, patience: Int = Reconciler.patience, page size: Int = 1_000
    ) async throws -> Int {
        try await copyPauses()
        let duty = "reconcile \(topology.queue.partition) from"
        let start = try await ledger.standing(of: duty)
        var last = start
        var (missing, complete, isRound) = (0, 0, start == nil)
        while complete < patience {
            let page = try await ledger.jobsToDispatch(after: last, quiet: quiet, limit: size)
            last = page.last
            if page.last == nil {
                // Once more from the beginning, if that is not where this round began.
                if isRound { break }
                isRound = true
                continue
            }
            let found = try await dispatch(page)
            missing += found
            if found == 0 { complete += 1 }
            if isRound, let start, let last, last >= start { break }
        }
        try await ledger.setStanding(of: duty, at: last)
        return told(missing)
    }

    /// A stop stands in Postgres; Redis' copy keeps workers from fetching in vain.
    private func copyPauses() async throws {
        let paused = try await ledger.pausedStages()
        try await queue.setPaused(
            stages: Set(paused.map { try topology.stage($0) }), everything: paused.count == Stage.allCases.count)
    }

    private func dispatch(_ page: DispatchPage) async throws -> Int {
        guard !page.jobs.isEmpty else { return 0 }
        let outcomes = try await queue.dispatch(page.jobs.map { try topology.dispatch($0) })
        return outcomes.count { $0 == .dispatched || $0 == .repaired }
    }

    private func told(_ missing: Int) -> Int {
        if missing > 0 { logger.notice("reconciled", metadata: [LogKey.count: "\(missing)"]) }
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
        try await reconcileInTurn()
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
