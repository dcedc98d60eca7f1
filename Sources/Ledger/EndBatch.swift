import FoundationEssentials
import Postgres
import Production

/// Ends of attempts as the parallel arrays that `end_attempts` takes.
struct EndBatch {
    private let questions: [EndQuestion]
    private let errors: [String?]
    private let notes: [String]
    private let artifacts: [(place: Int, kind: Artifact.Kind, artifact: Artifact)]
    private let costs: [(place: Int, entry: CostEntry)]

    /// The note of an attempt that found what an earlier stage made unusable: that stage.
    static let sentBackTo = "sent back to"

    init(_ questions: [EndQuestion]) throws {
        let encoder = JSONEncoder()
        self.questions = questions
        errors = try questions.map { question in
            try question.end.error.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
        }
        notes = try questions.map { question in
            var notes = question.record.notes
            if case .sentBack(let stage, _) = question.end { notes[Self.sentBackTo] = stage.rawValue }
            return notes.isEmpty ? "{}" : String(decoding: try encoder.encode(notes), as: UTF8.self)
        }
        let numbered = questions.enumerated()
        artifacts = numbered.flatMap { index, question in
            (question.end.result?.artifacts ?? [:]).map { (index + 1, $0.key, $0.value) }
        }
        costs = numbered.flatMap { index, question in question.record.costs.map { (index + 1, $0) } }
    }

    /// - Parameter patient: whether to wait for a job that somebody else has locked.
    func statement(_ settings: Ledger.Settings, patient: Bool) -> SQL {
        let ends = questions.map(\.end)
        let delays = ends.map { end -> Int64? in
            switch end {
            case .retried(let delay, _): delay.milliseconds
            case .limited: nil
            case .succeeded, .skipped, .sentBack, .failed, .released: 0
            }
        }
        let moments = ends.map { end -> Date? in if case .limited(let until, _) = end { until } else { nil } }
        let states = questions.map { $0.end.jobState(after: $0.attempt.stage).rawValue }
        let isDone = ends.map { $0.result != nil }
        let nextStages = questions.map { question in
            switch question.end {
            case .succeeded: question.attempt.stage.next ?? question.attempt.stage
            case .sentBack(let stage, _): stage
            case .skipped, .retried, .limited, .failed, .released: question.attempt.stage
            }
        }
        let awaitsReview = questions.map { $0.end.result != nil && $0.attempt.stage.next == .upload }
        return """
            SELECT * FROM end_attempts(
                \(questions.map(\.attempt.id))::uuid[], \(questions.map(\.attempt.job.rawValue))::bigint[],
                \(questions.map(\.attempt.fence))::integer[], \(questions.map(\.attempt.stage.rawValue))::text[],
                \(ends.map(\.attemptState.rawValue))::text[], \(ends.map(\.attemptState.counts))::boolean[],
                \(states)::text[], \(nextStages.map(\.rawValue))::text[], \(delays)::bigint[], \(moments)::timestamptz[],
                \(isDone)::boolean[], \(awaitsReview)::boolean[], \(errors)::text[],
                \(ends.map { $0.result?.title })::text[], \(ends.map { $0.result?.channel?.rawValue })::bigint[],
                \(ends.map { $0.result?.usedItem })::text[], \(questions.map(\.record.provider?.rawValue))::text[],
                \(notes)::text[],
                \(artifacts.map(\.place))::bigint[], \(artifacts.map(\.kind.rawValue))::text[],
                \(artifacts.map(\.artifact.id.bytes))::bytea[], \(artifacts.map(\.artifact.bytes))::bigint[],
                \(costs.map(\.place))::bigint[], \(costs.map(\.entry.id))::uuid[],
                \(costs.map(\.entry.provider.rawValue))::text[], \(costs.map(\.entry.item))::text[],
                \(costs.map(\.entry.quantity))::bigint[], \(costs.map(\.entry.unit))::text[],
                \(costs.map(\.entry.price.micros))::bigint[], \(costs.map(\.entry.price.units))::bigint[],
                \(costs.map(\.entry.amount.rawValue))::bigint[],
                \(settings.zone), \(settings.videoCeiling.rawValue), \(settings.dayCeiling.rawValue), \(patient))
            """
    }

    /// One answer for each end, in their order; nil where the job was locked.
    func answers(from rows: [PostgresRow]) throws -> [EndAnswer?] {
        var answers: [EndAnswer?] = Array(repeating: nil, count: questions.count)
        for row in rows {
            let place = try row.get("n", as: Int.self) - 1
            switch try row.get("outcome", as: String.self) {
            case "done": answers[place] = .settled(.committed(try DueJob(unlessFinished: row)))
            case "refused": answers[place] = .settled(.refused)
            case "unkeepable": answers[place] = .unkeepable(reason: try row.get("reason"))
            default: break
            }
        }
        return answers
    }
}

extension DueJob {
    /// Nil if the job needs no dispatch: it is finished, held, or already under way again.
    fileprivate init?(unlessFinished row: PostgresRow) throws {
        switch try row.value("state", as: JobState.self) {
        case .queued, .waiting: self = try DueJob(row)
        case .running, .held, .published, .dead, .cancelled, .skipped: return nil
        }
    }
}
