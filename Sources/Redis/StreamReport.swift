/// What `XINFO STREAM` says.
public struct StreamReport: Sendable, Equatable {
    public let length: Int64
    public let groups: Int64
    public let lastGeneratedID: StreamEntryID
    public let firstEntry: StreamEntry?
    public let lastEntry: StreamEntry?
}

/// What `XINFO GROUPS` says of one group.
public struct StreamGroup: Sendable, Equatable {
    public let name: String
    public let consumers: Int64
    /// Delivered and not acknowledged.
    public let pending: Int64
    public let lastDeliveredID: StreamEntryID
    /// Not yet delivered. Nil where Redis can't tell; wrong after deletions (redis#13957), so nothing should be decided by it.
    public let lag: Int64?
}

/// What `XINFO CONSUMERS` says of one consumer.
public struct StreamConsumer: Sendable, Equatable {
    public let name: String
    public let pending: Int64
    /// Since it last tried to do anything.
    public let idle: Duration
    /// Since it last got or claimed something. Nil before Redis 7.2, and where it never did.
    public let inactive: Duration?
}

/// The summary that `XPENDING` gives of a group.
public struct PendingSummary: Sendable, Equatable {
    public let count: Int64
    public let first: StreamEntryID?
    public let last: StreamEntryID?
    /// How many each consumer holds.
    public let consumers: [String: Int64]
}

/// One delivered and unacknowledged entry, by `XPENDING` with a range.
public struct PendingEntry: Sendable, Equatable {
    public let id: StreamEntryID
    public let consumer: String
    /// Since it was last delivered or claimed.
    public let idle: Duration
    public let deliveries: Int64
}

extension RedisReply {
    func streamReport() throws(RedisError) -> StreamReport {
        let values = try dictionary()
        return StreamReport(
            length: try values.value("length", in: self).integer(),
            groups: try values.value("groups", in: self).integer(),
            lastGeneratedID: try values.value("last-generated-id", in: self).streamEntryID(),
            firstEntry: try values.value("first-entry", in: self).optionalEntry(),
            lastEntry: try values.value("last-entry", in: self).optionalEntry())
    }

    func streamGroup() throws(RedisError) -> StreamGroup {
        let values = try dictionary()
        return StreamGroup(
            name: try values.value("name", in: self).string(),
            consumers: try values.value("consumers", in: self).integer(),
            pending: try values.value("pending", in: self).integer(),
            lastDeliveredID: try values.value("last-delivered-id", in: self).streamEntryID(),
            lag: try values["lag"]?.optionalInteger())
    }

    func streamConsumer() throws(RedisError) -> StreamConsumer {
        let values = try dictionary()
        let inactive = try values["inactive"]?.optionalInteger()
        return StreamConsumer(
            name: try values.value("name", in: self).string(), pending: try values.value("pending", in: self).integer(),
            idle: .milliseconds(try values.value("idle", in: self).integer()),
            inactive: inactive.flatMap { $0 < 0 ? nil : .milliseconds($0) })
    }

    func pendingSummary() throws(RedisError) -> PendingSummary {
        let parts = try array()
        guard parts.count == 4 else { throw unexpected("a summary of pending entries") }
        var consumers: [String: Int64] = [:]
        for consumer in try parts[3].optionalArray() ?? [] {
            let pair = try consumer.array()
            guard pair.count == 2 else { throw consumer.unexpected("a consumer and its count") }
            consumers[try pair[0].string()] = try pair[1].integer()
        }
        return PendingSummary(
            count: try parts[0].integer(), first: parts[1] == .null ? nil : try parts[1].streamEntryID(),
            last: parts[2] == .null ? nil : try parts[2].streamEntryID(), consumers: consumers)
    }

    func pendingEntry() throws(RedisError) -> PendingEntry {
        let parts = try array()
        guard parts.count == 4 else { throw unexpected("a pending entry") }
        return PendingEntry(
            id: try parts[0].streamEntryID(), consumer: try parts[1].string(),
            idle: .milliseconds(try parts[2].integer()), deliveries: try parts[3].integer())
    }

    private func optionalEntry() throws(RedisError) -> StreamEntry? {
        self == .null ? nil : try streamEntry()
    }
}

extension [String: RedisReply] {
    fileprivate func value(_ name: String, in reply: RedisReply) throws(RedisError) -> RedisReply {
        guard let value = self[name] else { throw reply.unexpected("a value named \(name)") }
        return value
    }
}
