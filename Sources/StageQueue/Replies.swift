import Redis

// How the scripts' answers are read. What they never give throws `unexpectedReply`.

extension RedisReply {
    /// An array of at least so many elements.
    func array(_ count: Int) throws(RedisError) -> [RedisReply] {
        let elements = try array()
        guard elements.count >= count else {
            throw RedisError(.unexpectedReply, mayHaveRun: true, "expected \(count) elements, got \(elements.count)")
        }
        return elements
    }

    /// An array cut into groups of so many.
    func groups(of length: Int) throws(RedisError) -> [ArraySlice<RedisReply>] {
        let elements = try array()
        guard elements.count.isMultiple(of: length) else {
            throw RedisError(.unexpectedReply, mayHaveRun: true, "expected groups of \(length), got \(elements.count)")
        }
        return elements.batches(of: length)
    }

    /// Milliseconds; nil for a negative number.
    func optionalDuration() throws(RedisError) -> Duration? {
        let milliseconds = try integer()
        return milliseconds < 0 ? nil : .milliseconds(milliseconds)
    }

    /// A list of ones and zeros.
    static func flags(_ reply: RedisReply) throws(RedisError) -> [Bool] {
        var flags: [Bool] = []
        for element in try reply.array() { flags.append(try element.integer() == 1) }
        return flags
    }
}

extension DispatchOutcome {
    init(_ reply: RedisReply) throws(RedisError) {
        let number = try reply.integer()
        guard let outcome = Self(rawValue: Int(number)) else {
            throw RedisError(.unexpectedReply, mayHaveRun: true, "\(number) is no outcome of a dispatch")
        }
        self = outcome
    }

    static func list(_ reply: RedisReply) throws(RedisError) -> [Self] {
        var outcomes: [Self] = []
        for element in try reply.array() { outcomes.append(try Self(element)) }
        return outcomes
    }
}

extension FinishOutcome {
    static func list(_ reply: RedisReply) throws(RedisError) -> [Self] {
        var outcomes: [Self] = []
        for element in try reply.array() {
            let parts = try element.array(1)
            var dispatches: [DispatchOutcome] = []
            for part in parts.dropFirst() { dispatches.append(try DispatchOutcome(part)) }
            outcomes.append(Self(owned: try parts[0].integer() == 1, dispatches: dispatches))
        }
        return outcomes
    }
}

extension QueueTopology {
    /// Reads deliveries from groups of priority code, entry id, payload, times delivered.
    func deliveries(_ reply: RedisReply) throws(RedisError) -> [Delivery] {
        var deliveries: [Delivery] = []
        for parts in try reply.groups(of: 4) {
            let first = parts.startIndex
            guard let code = try parts[first].bytes().first, let priority = priority(code: code),
                let payload = DeliveryCoding.read(try parts[first + 2].bytes()), let stage = stage(code: payload.stage)
            else { throw RedisError(.unexpectedReply, mayHaveRun: true, "expected a delivery") }
            deliveries.append(
                Delivery(
                    job: payload.job, stage: stage, priority: priority, trace: payload.trace,
                    entryID: try parts[first + 1].streamEntryID(),
                    timesDelivered: Int(try parts[first + 3].integer())))
        }
        return deliveries
    }
}

extension Anomaly {
    /// Reads anomalies from groups of stream, entry id, reason, content.
    static func list(_ reply: RedisReply) throws(RedisError) -> [Self] {
        var anomalies: [Self] = []
        for parts in try reply.groups(of: 4) {
            let first = parts.startIndex
            guard let reason = Reason(rawValue: try parts[first + 2].string()) else {
                throw RedisError(.unexpectedReply, mayHaveRun: true, "expected an anomaly's reason")
            }
            anomalies.append(
                Anomaly(
                    stream: try parts[first].string(), entry: try parts[first + 1].string(), reason: reason,
                    content: try parts[first + 3].bytes()))
        }
        return anomalies
    }
}
