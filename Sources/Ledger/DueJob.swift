import Postgres
package import Production

/// What the queue needs to know of a job to dispatch it.
package struct DueJob: Sendable, Hashable {
    package let id: Job.ID
    package let stage: Stage
    package let priority: Job.Priority
    package let partition: Int
    /// 16 bytes trace id, 8 bytes span id.
    package let trace: [UInt8]
    /// How long until it is due, by Postgres' clock; zero or less: now.
    package let dueIn: Duration

    package init(
        id: Job.ID, stage: Stage, priority: Job.Priority, partition: Int, trace: [UInt8], dueIn: Duration = .zero
    ) {
        (self.id, self.stage, self.priority, self.partition) = (id, stage, priority, partition)
        (self.trace, self.dueIn) = (trace, dueIn)
    }

    /// Reads the columns id, stage, priority, partition, trace, due_in_ms.
    init(_ row: PostgresRow) throws {
        try self.init(
            id: row.identifier("id"), stage: row.value("stage"), priority: row.value("priority"),
            partition: Int(row.get("partition", as: Int64.self)), trace: row.get("trace"),
            dueIn: .milliseconds(row.get("due_in_ms", as: Int64.self)))
    }
}
