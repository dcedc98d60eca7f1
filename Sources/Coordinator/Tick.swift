import DiskArtifacts
import Fleet
import Foundation
import Ledger
import Production
import StageQueue

/// One run of the coordinator.
struct Tick: Sendable {
    let services: FleetServices
    let artifacts: DiskArtifacts

    /// How many users' days are opened by one statement.
    static let page = 5_000

    /// Opens days, then does once more what the workers do among themselves.
    func run(day: String?, user: User.ID?) async throws -> TickReport {
        var report = TickReport()
        var last: User.ID?
        while true {
            let opened = try await services.ledger.openDay(
                day, user: user, catchUp: services.configuration.catchUp, after: last, limit: Self.page)
            guard let newest = opened.last else { break }
            last = newest.userID
            report.opened += opened.map {
                .init(job: $0.job.id.rawValue, user: $0.user, channel: $0.channel, day: $0.day)
            }
            // What Redis does not hear now, reconcile tells it: the jobs are in Postgres.
            await report.note("dispatch") { _ in
                _ = try await services.queue.dispatch(opened.map { try services.topology.dispatch($0.job) })
            }
        }
        await report.note("promote") { $0.promoted = try await services.queue.promote().moved }
        await report.note("reconcile") { $0.reconciled = try await services.reconciler.reconcile() }
        await report.note("settle reservations") {
            let orphans = try await services.ledger.settleOrphans(from: artifacts.responses)
            ($0.settled, $0.inDoubt) = (orphans.settled, orphans.inDoubt)
        }
        await report.note("apply retention") { $0.deleted = try await applyRetention() }
        return report
    }

    /// What `run` would open.
    func preview(day: String?, user: User.ID?) async throws -> TickReport {
        var report = TickReport(isPreview: true)
        report.opened = try await services.ledger.previewDay(
            day, user: user, catchUp: services.configuration.catchUp
        ).map { .init(job: nil, user: $0.user, channel: $0.channel, day: $0.day) }
        return report
    }

    private func applyRetention() async throws -> Int {
        let configuration = services.configuration
        _ = try await services.ledger.doomArtifacts(keep: configuration.retention)
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
