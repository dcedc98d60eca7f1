package import FoundationEssentials
import Postgres
package import Production

/// A job as `job list` and `job show` tell it.
package struct JobReport: Sendable, Codable {
    package let id: Int64
    package let user: String
    package let channel: String
    package let kind: Job.Kind
    package let day: String
    package let priority: Job.Priority
    package let state: JobState
    package let stage: Stage
    package let heldBecause: String?
    package let dueAt: Date
    package let tries: Int64
    package let title: String?
    package let error: JobError?
    package let createdAt: Date
    package let updatedAt: Date
    package let finishedAt: Date?
    package let location: String?
    package let cost: MicroDollars

    private enum CodingKeys: String, CodingKey {
        case id = "job"
        case user, channel, kind, day, priority, state, stage, heldBecause, dueAt, tries, title, error, createdAt
        case updatedAt, finishedAt, location
        case cost = "costMicroUSD"
    }

    init(_ row: PostgresRow) throws {
        (id, user, channel) = try (row.get("id"), row.get("user_name"), row.get("channel_name"))
        (kind, day, priority) = try (row.value("kind"), row.get("day"), row.value("priority"))
        (state, stage, heldBecause) = try (row.value("state"), row.value("stage"), row.get("held_because"))
        (dueAt, tries, title) = try (row.get("due_at"), row.get("tries"), row.get("title"))
        (createdAt, updatedAt, finishedAt) = try (row.get("created_at"), row.get("updated_at"), row.get("finished_at"))
        (error, location, cost) = try (row.jobError("error"), row.get("location"), row.dollars("cost"))
    }
}

/// One try as `job show` tells it.
package struct AttemptReport: Sendable, Codable {
    /// The fence it held: the job's attempt number.
    package let number: Int64
    package let stage: Stage
    package let state: AttemptState
    package let worker: String
    /// Where the worker ran.
    package let host: String?
    package let provider: String?
    package let notes: [String: String]
    package let error: JobError?
    package let startedAt: Date
    package let endedAt: Date?

    init(_ row: PostgresRow) throws {
        (number, stage, state) = try (row.get("fence"), row.value("stage"), row.value("state"))
        (worker, host, provider) = try (row.get("worker"), row.get("host"), row.get("provider"))
        (startedAt, endedAt) = try (row.get("started_at"), row.get("ended_at"))
        notes = try JSONDecoder().decode([String: String].self, from: Data(row.get("notes", as: String.self).utf8))
        error = try row.jobError("error")
    }
}

package struct ArtifactReport: Sendable, Codable {
    package let kind: Artifact.Kind
    package let sha256: String
    package let bytes: Int64
}

extension PostgresRow {
    func jobError(_ column: String) throws -> JobError? {
        let text: String? = try get(column)
        return try text.map { try JSONDecoder().decode(JobError.self, from: Data($0.utf8)) }
    }
}
