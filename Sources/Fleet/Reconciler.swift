package import Ledger
package import Logging
package import Production
package import StageQueue
import Telemetry

/// Makes Redis agree with Postgres: whatever should be on its way and is not, is dispatched again. Stale dispatches are
/// harmless, because a begin is guarded.
package struct Reconciler: Sendable {
    let ledger: Ledger
    let queue: PartitionedQueue
    let topology: FleetTopology
    let logger: Logger

    package init(ledger: Ledger, queue: PartitionedQueue, topology: FleetTopology, logger: Logger) {
        (self.ledger, self.queue, self.topology, self.logger) = (ledger, queue, topology, logger)
    }

    /// How long a job must have been unchanged before the regular round looks at it: whoever changed it is likely still
    /// telling Redis. After Redis was emptied nobody is, so then it is zero.
    package static let quiet: Duration = .seconds(10)

    /// How many pages a regular round looks at of which nothing was missing.
    package static let patience = 20

    /// Looks at all unfinished jobs: for after Redis was emptied, and when a person lets something go on. Answers how many
    /// deliveries were missing.
    ///
    /// - Parameter partition: whose jobs; nil: all.
    /// - Throws: what befell the first partition that failed, once the others are done.
    @discardableResult
    package func reconcile(quiet: Duration = Reconciler.quiet, partition: Int? = nil) async throws -> Int {
        var failure = try await copyPauses(partition)
        var missing = 0
        var last: Job.ID?
        while true {
            let page = try await ledger.jobsToDispatch(after: last, quiet: quiet)
            guard page.last != nil else { break }
            last = page.last
            missing += try await dispatch(page, partition, &failure)
        }
        if let failure { throw failure }
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
        var failure = try await copyPauses(nil)
        let duty = "reconcile from"
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
            let found = try await dispatch(page, nil, &failure)
            missing += found
            if found == 0 { complete += 1 }
            if isRound, let start, let last, last >= start { break }
        }
        try await ledger.setStanding(of: duty, at: last)
        if let failure { throw failure }
        return told(missing)
    }

    /// A stop stands in Postgres; Redis' copy keeps workers from fetching in vain. Answers what kept a partition from hearing.
    private func copyPauses(_ partition: Int?) async throws -> QueueError? {
        let paused = try await ledger.pausedStages()
        let stages = Set(try paused.map { try topology.stage($0) })
        let stopsAll = paused.count == Stage.allCases.count
        if partition == nil { queue.know(try await ledger.partitions().union(queue.partitions)) }
        do throws(QueueError) {
            if let partition {
                try await queue[partition].setPaused(stages: stages, everything: stopsAll)
            } else {
                try await queue.setPaused(stages: stages, everything: stopsAll)
            }
            return nil
        } catch {
            return error
        }
    }

    /// A partition whose Redis is away keeps nothing from the others.
    private func dispatch(_ page: DispatchPage, _ partition: Int?, _ failure: inout QueueError?) async throws -> Int {
        let jobs = page.jobs.filter { partition == nil || $0.partition == partition }
        guard !jobs.isEmpty else { return 0 }
        try await open(Set(jobs.map(\.partition)))
        var found = 0
        for answer in await queue.dispatchEach(try jobs.map { try topology.dispatch($0) }) {
            switch answer {
            case .success(let outcomes): found += outcomes.count { $0 == .dispatched || $0 == .repaired }
            case .failure(let error): failure = failure ?? error
            }
        }
        return found
    }

    private func told(_ missing: Int) -> Int {
        if missing > 0 { logger.notice("reconciled", metadata: [LogKey.count: "\(missing)"]) }
        return missing
    }

    /// A partition with unfinished jobs that no worker knows would never be looked into: closed too early, or restored with
    /// its jobs from a backup.
    package func open(_ partitions: Set<Int>) async throws {
        let unknown = partitions.subtracting(queue.partitions)
        guard !unknown.isEmpty else { return }
        try await ledger.open(partitions: unknown)
        queue.know(unknown.union(queue.partitions))
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
        guard try await ledger.takeDuty("reconcile", every: interval) else { return false }
        // A partition that is away must not keep money from being settled.
        let round: Result<Int, any Error>
        do {
            round = .success(try await reconcileInTurn())
        } catch {
            round = .failure(error)
        }
        let orphans = try await ledger.settleOrphans(from: responses)
        if orphans.settled > 0 {
            logger.notice("settled from kept answers", metadata: [LogKey.count: "\(orphans.settled)"])
        }
        if orphans.inDoubt > 0 {
            logger.warning("reservations in doubt", metadata: [LogKey.count: "\(orphans.inDoubt)"])
        }
        _ = try round.get()
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
