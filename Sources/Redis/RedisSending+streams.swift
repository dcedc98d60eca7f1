/// Stream commands with typed replies. An error reply is thrown as `replyError`; `NOGROUP` means that the group or its stream is gone.
extension RedisSending {
    /// Adds an entry.
    ///
    /// - Parameters:
    ///   - id: nil lets Redis make one.
    ///   - makesStream: false adds only to a stream that exists.
    /// - Returns: the id; nil if the stream doesn't exist and must not be made.
    @discardableResult public func xadd(
        _ stream: String, id: StreamEntryID? = nil, makesStream: Bool = true, _ fields: [StreamEntry.Field]
    ) async throws(RedisError) -> StreamEntryID? {
        var arguments: [RedisArgument] = [RedisArgument(stream)]
        if !makesStream { arguments.append("NOMKSTREAM") }
        arguments.append(id.map { RedisArgument($0) } ?? "*")
        for field in fields { arguments += [RedisArgument(field.name), RedisArgument(bytes: field.value)] }
        let reply = try await send(RedisCommand("XADD", arguments: arguments))
        return reply == .null ? nil : try reply.streamEntryID()
    }

    /// Acknowledges deliveries; returns how many were pending in the group, whoever held them.
    @discardableResult public func xack(
        _ stream: String, group: String, _ ids: [StreamEntryID]
    ) async throws(RedisError) -> Int64 {
        guard !ids.isEmpty else { return 0 }
        let arguments = [RedisArgument(stream), RedisArgument(group)] + ids.map { RedisArgument($0) }
        return try await send(RedisCommand("XACK", arguments: arguments)).integer()
    }

    /// Deletes entries; returns how many there were. They stay pending where they were: acknowledge them too.
    @discardableResult public func xdel(_ stream: String, _ ids: [StreamEntryID]) async throws(RedisError) -> Int64 {
        guard !ids.isEmpty else { return 0 }
        return try await send(RedisCommand("XDEL", arguments: [RedisArgument(stream)] + ids.map { RedisArgument($0) }))
            .integer()
    }

    public func xlen(_ stream: String) async throws(RedisError) -> Int64 {
        try await send(RedisCommand("XLEN", RedisArgument(stream))).integer()
    }

    /// The entries from `first` to `last`, both included; nil is the stream's own end.
    public func xrange(
        _ stream: String, from first: StreamEntryID? = nil, through last: StreamEntryID? = nil, count: Int? = nil
    ) async throws(RedisError) -> [StreamEntry] {
        var arguments: [RedisArgument] = [
            RedisArgument(stream), first.map { RedisArgument($0) } ?? "-", last.map { RedisArgument($0) } ?? "+",
        ]
        if let count { arguments += ["COUNT", RedisArgument(count)] }
        return try await send(RedisCommand("XRANGE", arguments: arguments)).streamEntries()
    }

    /// What each stream has after the given id, without waiting. Streams that have nothing are left out.
    public func xread(
        _ streams: [(stream: String, after: StreamEntryID)], count: Int? = nil
    ) async throws(RedisError) -> [StreamRead] {
        try await send(.xread(streams, count: count, block: nil)).streamReads()
    }

    /// Takes new entries of each stream for a consumer, without waiting.
    ///
    /// - Parameter count: at most so many **of each stream**.
    public func xreadgroup(
        _ group: String, consumer: String, streams: [String], count: Int? = nil
    ) async throws(RedisError) -> [StreamRead] {
        try await send(.xreadgroup(group, consumer, streams.map { ($0, nil) }, count: count, block: nil)).streamReads()
    }

    /// A consumer's own pending entries after an id, delivered to it again (which resets their idle time and raises their delivery count).
    public func xreadgroupHistory(
        _ group: String, consumer: String, stream: String, after id: StreamEntryID = .zero, count: Int? = nil
    ) async throws(RedisError) -> [StreamEntry] {
        try await send(.xreadgroup(group, consumer, [(stream, id)], count: count, block: nil)).streamReads()
            .flatMap(\.entries)
    }

    /// Makes a group, and the stream if need be, that reads from `start` on: `.zero`, so that it misses nothing that is there already.
    ///
    /// - Returns: false if the group existed; it is left as it is.
    @discardableResult public func xgroupCreate(
        _ stream: String, group: String, from start: StreamEntryID = .zero
    ) async throws(RedisError) -> Bool {
        let start = start == .zero ? "0" : RedisArgument(start)
        do throws(RedisError) {
            _ = try await send(
                RedisCommand("XGROUP", "CREATE", RedisArgument(stream), RedisArgument(group), start, "MKSTREAM"))
            return true
        } catch {
            guard error.replyCode == "BUSYGROUP" else { throw error }
            return false
        }
    }

    /// Removes a consumer **and everything it holds**, which nobody will ever be given again: claim that first. Returns how much that was.
    @discardableResult public func xgroupDeleteConsumer(
        _ stream: String, group: String, consumer: String
    ) async throws(RedisError) -> Int64 {
        try await send(
            RedisCommand(
                "XGROUP", "DELCONSUMER", RedisArgument(stream), RedisArgument(group), RedisArgument(consumer))
        ).integer()
    }

    /// Throws `replyError` if there is no such stream.
    public func xinfoStream(_ stream: String) async throws(RedisError) -> StreamReport {
        try await send(RedisCommand("XINFO", "STREAM", RedisArgument(stream))).streamReport()
    }

    public func xinfoGroups(_ stream: String) async throws(RedisError) -> [StreamGroup] {
        try await send(RedisCommand("XINFO", "GROUPS", RedisArgument(stream))).array()
            .map { element throws(RedisError) in try element.streamGroup() }
    }

    public func xinfoConsumers(_ stream: String, group: String) async throws(RedisError) -> [StreamConsumer] {
        try await send(RedisCommand("XINFO", "CONSUMERS", RedisArgument(stream), RedisArgument(group))).array()
            .map { element throws(RedisError) in try element.streamConsumer() }
    }

    public func xpending(_ stream: String, group: String) async throws(RedisError) -> PendingSummary {
        try await send(RedisCommand("XPENDING", RedisArgument(stream), RedisArgument(group))).pendingSummary()
    }

    /// The pending entries from `first` to `last`, oldest id first.
    ///
    /// - Parameter idle: only those that were last delivered at least so long ago.
    public func xpending(
        _ stream: String, group: String, from first: StreamEntryID? = nil, through last: StreamEntryID? = nil,
        count: Int, idle: Duration? = nil, consumer: String? = nil
    ) async throws(RedisError) -> [PendingEntry] {
        var arguments = [RedisArgument(stream), RedisArgument(group)]
        if let idle { arguments += ["IDLE", RedisArgument(idle.wholeMilliseconds)] }
        arguments += [
            first.map { RedisArgument($0) } ?? "-", last.map { RedisArgument($0) } ?? "+", RedisArgument(count),
        ]
        if let consumer { arguments.append(RedisArgument(consumer)) }
        return try await send(RedisCommand("XPENDING", arguments: arguments)).array()
            .map { element throws(RedisError) in try element.pendingEntry() }
    }
}

/// Reads that wait, which only a connection of one's own can do.
extension RedisConnection {
    /// Waits until one of the streams has something after its id, at most `block`; empty if nothing came in time.
    ///
    /// - Parameter block: rounded up to a millisecond; must be positive, as Redis takes 0 for ever.
    public func xread(
        _ streams: [(stream: String, after: StreamEntryID)], count: Int? = nil, block: Duration
    ) async throws(RedisError) -> [StreamRead] {
        try await send(.xread(streams, count: count, block: block)).streamReads()
    }

    /// Takes new entries for a consumer, waiting at most `block` for the first; empty if nothing came in time. Throws `replyError` with `UNBLOCKED`
    /// or `NOGROUP` if a stream or group vanished meanwhile.
    ///
    /// - Parameters:
    ///   - count: at most so many **of each stream**.
    ///   - block: rounded up to a millisecond; must be positive, as Redis takes 0 for ever.
    public func xreadgroup(
        _ group: String, consumer: String, streams: [String], count: Int? = nil, block: Duration
    ) async throws(RedisError) -> [StreamRead] {
        try await send(.xreadgroup(group, consumer, streams.map { ($0, nil) }, count: count, block: block))
            .streamReads()
    }
}

extension RedisCommand {
    fileprivate static func xread(
        _ streams: [(stream: String, after: StreamEntryID)], count: Int?, block: Duration?
    ) -> RedisCommand {
        RedisCommand("XREAD", arguments: reading(streams.map { ($0.stream, $0.after) }, count: count, block: block))
    }

    /// - Parameter streams: each with the id after which the consumer's own history is read; nil reads what nobody has been given.
    fileprivate static func xreadgroup(
        _ group: String, _ consumer: String, _ streams: [(stream: String, after: StreamEntryID?)], count: Int?,
        block: Duration?
    ) -> RedisCommand {
        let words = ["GROUP", RedisArgument(group), RedisArgument(consumer)]
        return RedisCommand("XREADGROUP", arguments: words + reading(streams, count: count, block: block))
    }

    private static func reading(
        _ streams: [(stream: String, after: StreamEntryID?)], count: Int?, block: Duration?
    ) -> [RedisArgument] {
        var words: [RedisArgument] = []
        if let count { words += ["COUNT", RedisArgument(count)] }
        if let block { words += ["BLOCK", RedisArgument(max(1, block.wholeMilliseconds))] }
        words.append("STREAMS")
        words += streams.map { RedisArgument($0.stream) }
        words += streams.map { $0.after.map { RedisArgument($0) } ?? ">" }
        return words
    }
}

extension Duration {
    /// Rounded up.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let perMillisecond: Int64 = 1_000_000_000_000_000
        return seconds * 1000 + (attoseconds + perMillisecond - 1) / perMillisecond
    }
}
