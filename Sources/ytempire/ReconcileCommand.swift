import ArgumentParser
import ArtifactStores
import Fleet
import Foundation
import Ledger
import Production

struct ReconcileCommand: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile", abstract: "Make Redis agree with Postgres now, as a worker does every 15 s.",
        discussion: """
            Dispatches every unfinished job that is due and not on its way, copies the stops into Redis, and settles \
            reservations whose call was never heard of again as in doubt. Safe at any time, beside any number of workers.
            """)

    @OptionGroup var options: CommandOptions

    private struct Shown: Encodable {
        /// Deliveries that were missing in Redis, and are there now.
        var dispatched: Int
        /// Reservations past their deadline, settled from the answers that were kept, or counted in full; nil if this
        /// host does not see the answers.
        var reservations: OrphansSettled?
        var stopped: [PauseReport]
        /// Unfinished jobs, by where they stand.
        var unfinished: [String: Int64]
    }

    func run(with services: FleetServices) async throws {
        let ledger = services.ledger
        let dispatched = try await services.reconciler.reconcile(quiet: .zero)
        var orphans: OrphansSettled?
        let lacking = services.configuration.lackingOfBucket
        // Elsewhere a kept answer would be taken for lost, and its call for one in doubt. Without a bucket's keys this is elsewhere.
        if lacking.isEmpty, try await seesTheStore(services.configuration.openMark(), ledger) {
            orphans = try await ledger.settleOrphans(from: services.configuration.openArtifacts().responses)
        }
        let counts = try await ledger.count(Ledger.JobFilter(states: JobState.allCases.filter { !$0.isFinished }))
        var unfinished: [String: Int64] = [:]
        for each in counts { unfinished[each.state.rawValue, default: 0] += each.count }
        let shown = Shown(
            dispatched: dispatched, reservations: orphans, stopped: try await ledger.pauses(), unfinished: unfinished)
        try show(shown) { shown in
            var lines = [
                shown.dispatched == 0
                    ? "Redis agreed with Postgres: nothing was missing."
                    : "\(shown.dispatched) \(shown.dispatched == 1 ? "delivery was" : "deliveries were") missing in Redis, and dispatched again."
            ]
            if let ended = shown.reservations {
                if ended.settled > 0 {
                    lines.append("\(ended.settled) paid calls were settled from their kept answers.")
                }
                if ended.released > 0 {
                    lines.append("\(ended.released) paid calls that were never sent hold no money any more.")
                }
                if ended.inDoubt > 0 { lines.append("\(ended.inDoubt) paid calls are counted in full, in doubt.") }
            } else {
                lines.append("This host does not see the fleet's artifacts: paid calls are settled by the workers.")
                lines += lacking.map(\.description)
            }
            let standing = shown.unfinished.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
            lines.append("Unfinished: \(standing.isEmpty ? "nothing" : standing.joined(separator: ", ")).")
            lines += shown.stopped.flatMap { wrapped("Stopped: \($0.line(services.clock))", indent: 2, first: "") }
            return lines.joined(separator: "\n") + "\n"
        }
    }

    private func seesTheStore(_ mark: any MarkedArtifacts, _ ledger: Ledger) async throws -> Bool {
        guard let store = try? await mark.mark(making: false) else { return false }
        return try await ledger.storeSightings().allSatisfy { $0.store == store }
    }
}
