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
    init(digit: UInt8) throws(RedisError) {
        guard digit > 0x30, let outcome = Self(rawValue: Int(digit) - 0x30) else {
            throw RedisError(.unexpectedReply, mayHaveRun: true, "\(digit) is no outcome of a dispatch")
        }
        self = outcome
    }

    /// Reads a digit for each.
    static func list(_ reply: RedisReply) throws(RedisError) -> [Self] {
        var outcomes: [Self] = []
        for digit in try reply.bytes() { outcomes.append(try Self(digit: digit)) }
        return outcomes
    }
}

extension FinishOutcome {
    /// Reads 1 or 0 for each ending, and a digit for each of its dispatches.
    static func list(_ digits: [UInt8], of endings: [Ending]) throws(QueueError) -> [Self] {
        var outcomes: [Self] = []
        outcomes.reserveCapacity(endings.count)
        var at = 0
        do throws(RedisError) {
            for ending in endings {
                let count = ending.dispatches.count
                guard at + count < digits.count else {
                    throw RedisError(.unexpectedReply, mayHaveRun: true, "expected an answer for each ending")
                }
                var dispatches: [DispatchOutcome] = []
                for digit in digits[at + 1..<at + 1 + count] { dispatches.append(try DispatchOutcome(digit: digit)) }
                outcomes.append(Self(owned: digits[at] == UInt8(ascii: "1"), dispatches: dispatches))
                at += 1 + count
            }
        } catch {
            throw QueueError("finish", error)
        }
        return outcomes
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
