import Postgres
package import Production

/// What the queue needs to know of a job to dispatch it.
package struct DueJob: Sendable, Hashable {
    package let id: Job.ID
    package let stage: Stage
    package let priority: Job.Priority
    package let partition: Int
    /// Who waits for it. Nil where the reader knows already.
    package let user: User.ID?
    /// 16 bytes trace id, 8 bytes span id.
    package let trace: [UInt8]
    /// How long until it is due, by Postgres' clock; zero or less: now.
    package let dueIn: Duration

    package init(
        id: Job.ID, stage: Stage, priority: Job.Priority, partition: Int, user: User.ID? = nil, trace: [UInt8],
        dueIn: Duration = .zero
    ) {
        (self.id, self.stage, self.priority, self.partition, self.user) = (id, stage, priority, partition, user)
        (self.trace, self.dueIn) = (trace, dueIn)
    }

    /// Reads the columns id, stage, priority, partition, trace, due_in_ms, and user_id if it has that.
    init(_ row: PostgresRow, hasUser: Bool = false) throws {
        try self.init(
            id: row.identifier("id"), stage: row.value("stage"), priority: row.value("priority"),
            partition: Int(row.get("partition", as: Int64.self)), user: hasUser ? row.identifier("user_id") : nil,
            trace: row.get("trace"),
            dueIn: .milliseconds(row.get("due_in_ms", as: Int64.self)))
    }
}
