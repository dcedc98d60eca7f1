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

    init(of id: Job.ID, from services: FleetServices) async throws {
        job = try await services.ledger.job(id)
        attempts = try await services.ledger.attempts(of: id)
        artifacts = try await services.ledger.artifacts(of: id)
        costs = try await services.ledger.costs(of: id)
    }

    var text: String {
        var lines = wrapped(job.title ?? "no title yet", indent: 2, first: "Job \(job.id): ")
        lines.append(
            "  \(job.user) on \(job.channel), \(job.kind.rawValue) of \(job.day), priority \(job.priority.rawValue)")
        lines.append("  \(standing)")
        if let location = job.location { lines.append("  published at \(location)") }
        if let error = job.error, job.state != .published {
            lines.append("")
            lines.append("Last error, at \(error.stage.rawValue), from \(error.provider):")
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
            lines.append(
                "  #\(attempt.number) \(attempt.stage.rawValue) \(attempt.state.rawValue) after \(time), "
                    + "\(attempt.worker), begun \(Phrases.time(attempt.startedAt))"
                    + (attempt.provider.map { ", provider \($0)" } ?? ""))
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
                "  " + artifact.kind.rawValue.padding(toLength: 11, withPad: " ", startingAt: 0)
                    + Phrases.bytes(artifact.bytes).padding(toLength: 10, withPad: " ", startingAt: 0) + artifact.sha256
            )
        }
        lines.append("")
        lines.append("Costs")
        if costs.isEmpty { lines.append("  none yet") }
        var table = Table("STAGE", "PROVIDER", "ITEM", "QUANTITY", "UNIT", "USD", "", empty: "")
        for row in costs {
            table.add(
                row.stage.rawValue, row.provider, row.item, "\(row.quantity)", row.unit, row.amount.description,
                row.inDoubt ? "in doubt" : "")
        }
        if !costs.isEmpty {
            lines += table.text.split(separator: "\n").map { "  \($0)".trimmingTrailingBlanks }
            lines.append("  all together \(Phrases.money(job.cost))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var standing: String {
        switch job.state {
        case .queued: "queued at \(job.stage.rawValue)"
        case .running: "running at \(job.stage.rawValue)"
        case .waiting: "waiting at \(job.stage.rawValue) until \(Phrases.time(job.dueAt)); \(job.tries) failed so far"
        case .held:
            "held before \(job.stage.rawValue): \(job.heldBecause ?? "") (`ytempire job approve \(job.id)` lets it go on)"
        case .published: "published \(job.finishedAt.map(Phrases.time) ?? "")"
        case .dead: "dead at \(job.stage.rawValue) since \(job.finishedAt.map(Phrases.time) ?? "")"
        case .cancelled: "cancelled \(job.finishedAt.map(Phrases.time) ?? "")"
        case .skipped: "skipped: its sources had nothing new"
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
