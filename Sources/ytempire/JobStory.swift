import Fleet
import Foundation
import Ledger
import Production

/// Everything there is to tell of one job.
struct JobStory: Encodable {
    let job: JobReport
    let attempts: [AttemptReport]
    let artifacts: [ArtifactReport]
    let costs: [CostRow]
    /// What keeps it from being begun, if it waits for that.
    let wait: WaitReport?

    init(of id: Job.ID, from services: FleetServices) async throws {
        job = try await services.ledger.job(id)
        attempts = try await services.ledger.attempts(of: id)
        artifacts = try await services.ledger.artifacts(of: id)
        costs = try await services.ledger.costs(of: id)
        wait = try await services.ledger.wait(of: id)
    }

    func text(_ clock: FleetClock) -> String {
        var lines = wrapped(job.title ?? "no title yet", indent: 2, first: "Job \(job.id): ")
        lines.append(
            "  \(job.user) on \(job.channel), \(job.kind.rawValue) of \(job.day), priority \(job.priority.rawValue)")
        lines += wrapped(standing(clock), indent: 4, first: "  ")
        if let location = job.location { lines.append("  published at \(location)") }
        if let error = job.error, job.state != .published {
            lines.append("")
            lines.append("Last error, at \(error.stage.rawValue), from \(Phrases.provider(error.provider.rawValue)):")
            for (word, text) in [("asked", error.asked), ("got", error.answer), ("next", error.next)] {
                lines += wrapped(text, indent: 9, first: "  " + word.padding(toLength: 7, withPad: " ", startingAt: 0))
            }
        }
        lines.append("")
        lines.append("Attempts")
        if attempts.isEmpty { lines.append("  none yet") }
        for attempt in attempts {
            let end = attempt.endedAt ?? Date()
            let time = Phrases.duration(end.timeIntervalSince(attempt.startedAt))
            lines += wrapped(
                "#\(attempt.number) \(attempt.stage.rawValue) \(attempt.state.rawValue) after \(time), "
                    + attempt.worker + (attempt.host.map { " on \($0)" } ?? "")
                    + ", begun \(clock.moment(attempt.startedAt))"
                    + (attempt.provider.map { ", by \(Phrases.provider($0))" } ?? ""), indent: 5, first: "  ")
            if !attempt.notes.isEmpty {
                let notes = attempt.notes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
                lines += wrapped(notes.joined(separator: " · "), indent: 5)
            }
            if let error = attempt.error {
                lines += wrapped("\(error.asked): \(error.answer) → \(error.next)", indent: 5)
            }
        }
        lines.append("")
        lines.append("Artifacts")
        if artifacts.isEmpty { lines.append("  none yet") }
        for artifact in artifacts {
            lines.append(
                "  " + artifact.kind.rawValue.padding(toLength: 20, withPad: " ", startingAt: 0)
                    + Phrases.bytes(artifact.bytes).padding(toLength: 10, withPad: " ", startingAt: 0)
                    + artifact.sha256.prefix(16)
            )
        }
        lines.append("")
        lines.append("Costs")
        if costs.isEmpty { lines.append("  none yet") }
        var table = Table("STAGE", "PAID TO", "ITEM", "QUANTITY", "UNIT", "USD", "", empty: "")
        for row in costs {
            table.add(
                row.stage.rawValue, row.provider, row.item, "\(row.quantity)", row.unit, row.amount.description,
                row.inDoubt ? "in doubt" : "")
        }
        if !costs.isEmpty {
            lines += table.text.split(separator: "\n").map { "  \($0)".trimmingTrailingBlanks }
            lines.append("  all together \(Phrases.money(job.cost)); `own` is our own machines")
        }
        lines += ["", nextSteps]
        return lines.joined(separator: "\n") + "\n"
    }

    private func standing(_ clock: FleetClock) -> String {
        let stage = job.stage.rawValue
        let end = job.finishedAt.map(clock.moment) ?? ""
        return switch job.state {
        case .queued:
            "queued for \(stage) since \(clock.moment(job.updatedAt)): \(wait?.why(clock) ?? "it goes on just now")"
        case .running: "running at \(stage)"
        case .waiting:
            "waiting at \(stage) until \(clock.moment(job.dueAt)); \(job.tries) failed so far"
                + (wait?.stops.isEmpty == false ? "; \(wait?.why(clock) ?? "")" : "")
        case .held: "held before \(stage): \(job.heldBecause ?? "")"
        case .published: "published \(end)"
        case .dead: "dead at \(stage) since \(end)"
        case .cancelled: "cancelled \(end)"
        case .skipped: "skipped \(end): its sources had nothing new"
        }
    }

    /// What a person may do now.
    private var nextSteps: String {
        let (id, stage) = (job.id, job.stage.rawValue)
        return switch job.state {
        case .queued, .running: "`ytempire job log \(id) --follow` tells what happens."
        case .waiting: "It goes on by itself; `ytempire job retry \(id)` does so now."
        case .held: "`ytempire review approve \(id)` or `ytempire review reject \(id)`."
        case .published: "`ytempire cost job \(id)` tells what it cost."
        case .dead: "Mend the cause, then `ytempire job retry \(id)`; or `ytempire dead drop \(id)`."
        case .cancelled, .skipped: "`ytempire job redo \(id) --from \(stage)` takes it up again."
        }
    }
}

extension String {
    var trimmingTrailingBlanks: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
