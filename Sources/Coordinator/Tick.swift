import DiskArtifacts
import Failpoints
import Fleet
import Foundation
import Ledger
import Production
import StageQueue

/// One run of the coordinator.
struct Tick: Sendable {
    let services: FleetServices
    let artifacts: DiskArtifacts
    var failpoints = Failpoints.off

    /// How many users' days are opened by one statement.
    static let page = 5_000
    /// How many are under way at once.
    static let lanes = 3

    /// Opens days, then does once more what the workers do among themselves.
    func run(day: String?, user: User.ID?) async throws -> TickReport {
        try await services.openPartitions()
        var report = TickReport()
        try await openDays(day, user) { report.add($0) }
        await report.note("promote") { $0.promoted = try await services.queue.promote().moved }
        await report.note("reconcile") { $0.reconciled = try await services.reconciler.reconcileInTurn() }
        await report.note("settle reservations") {
            let orphans = try await services.ledger.settleOrphans(from: artifacts.responses)
            ($0.settled, $0.inDoubt) = (orphans.settled, orphans.inDoubt)
        }
        await report.note("close partitions") { _ in try await closePartitions() }
        await report.note("apply retention") { $0.deleted = try await applyRetention() }
        return report
    }

    /// What one statement opened, and why Redis did not hear of it.
    struct Page: Sendable {
        var opened: [TickReport.Opened]
        var dispatchFailure: String?
    }

    /// Opens users' days in windows of their numbers, a few at a time: while Postgres opens one, Redis hears of another.
    /// Each is a transaction of its own, so a run that is killed leaves what it has opened, and the next goes on.
    private func openDays(_ day: String?, _ user: User.ID?, _ opened: (Page) -> Void) async throws {
        guard user == nil, let newest = try await services.ledger.newestUser() else {
            if user != nil { opened(try await open(day, user, after: nil, through: nil)) }
            return
        }
        var windows = Self.windows(through: newest).makeIterator()
        try await withThrowingTaskGroup(of: Page.self) { group in
            func openNext() {
                guard let window = windows.next() else { return }
                group.addTask { try await open(day, nil, after: window.after, through: window.through) }
            }
            for _ in 0..<Self.lanes { openNext() }
            while let page = try await group.next() {
                opened(page)
                openNext()
            }
        }
    }

    /// Stretches of users' numbers. One for each `page` users that there have ever been: an array of a few hundred.
    private static func windows(through newest: User.ID) -> [(after: User.ID, through: User.ID)] {
        stride(from: Int64(0), to: newest.rawValue, by: page).map { (User.ID($0), User.ID($0 + Int64(page))) }
    }

    private func open(_ day: String?, _ user: User.ID?, after: User.ID?, through: User.ID?) async throws -> Page {
        let opened = try await services.ledger.openDay(
            day, user: user, catchUp: services.configuration.catchUp, after: after, through: through, limit: Self.page)
        var page = Page(
            opened: opened.map { .init(job: $0.job.id.rawValue, user: $0.user, channel: $0.channel, day: $0.day) })
        guard !opened.isEmpty else { return page }
        try await failpoints.reach(.dayOpened)
        do {
            _ = try await services.queue.dispatch(opened.map { try services.topology.dispatch($0.job) })
        } catch {
            // What Redis does not hear now, reconcile tells it: the jobs are in Postgres.
            page.dispatchFailure = "dispatch: \(error)"
        }
        try await failpoints.reach(.dayDispatched)
        return page
    }

    /// What `run` would open.
    func preview(day: String?, user: User.ID?) async throws -> TickReport {
        var report = TickReport(isPreview: true)
        func look(after: User.ID?, through: User.ID?) async throws {
            let due = try await services.ledger.previewDay(
                day, user: user, catchUp: services.configuration.catchUp, after: after, through: through,
                limit: Self.page)
            report.add(Page(opened: due.map { .init(job: nil, user: $0.user, channel: $0.channel, day: $0.day) }))
        }
        guard user == nil, let newest = try await services.ledger.newestUser() else {
            if user != nil { try await look(after: nil, through: nil) }
            return report
        }
        for window in Self.windows(through: newest) { try await look(after: window.after, through: window.through) }
        return report
    }

    /// Partitions that new jobs are no longer given to are left once they are empty.
    private func closePartitions() async throws {
        for partition in services.queue.partitions where partition >= services.configuration.partitions {
            if try await services.ledger.close(partition: partition) {
                services.queue.know(Set(services.queue.partitions).subtracting([partition]))
            }
        }
    }

    private func applyRetention() async throws -> Int {
        let configuration = services.configuration
        _ = try await services.ledger.freePieces()
        _ = try await services.ledger.doomArtifacts(keep: configuration.retention)
        try await services.ledger.forgetNotices(olderThan: configuration.retention)
        for worker in try await services.ledger.forgetOldWorkers() {
            _ = try await services.queue.removeConsumer(worker)
        }
        for response in try await services.ledger.forgetResponses(unusedFor: configuration.retention) {
            try await artifacts.responses.remove(response)
        }
        // Doomed for longer than any stage may last: nothing can still be using it unseen.
        let longest = configuration.worker.timeLimit.values.max() ?? .seconds(3_600)
        // What killed processes left half kept.
        _ = try await artifacts.removeAbandoned(
            before: Date(timeIntervalSinceNow: -(longest + configuration.worker.lease).inSeconds))
        var deleted = 0
        while true {
            let batch = try await services.ledger.deleteDoomed(after: longest + configuration.worker.lease) {
                _ = try await artifacts.remove($0.id)
            }
            deleted += batch.count
            if batch.isEmpty { return deleted }
        }
    }
}
