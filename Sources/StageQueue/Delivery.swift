public import Redis

/// One stage of one job, in a worker's hand.
public struct Delivery: Sendable, Hashable {
    public let job: Int64
    public let stage: Stage
    public let priority: Priority
    public let trace: TraceContext?
    /// Its entry in the ready stream. A delivery that is released or retried comes back with another one.
    public let entryID: StreamEntryID
    /// How often this entry was handed to a worker: 1 when fetched, more after reclaims. It counts nothing but
    /// deliveries that never reached a beginning; attempts are counted by whoever keeps the truth.
    public let timesDelivered: Int

    public init(
        job: Int64, stage: Stage, priority: Priority, trace: TraceContext?, entryID: StreamEntryID,
        timesDelivered: Int = 1
    ) {
        (self.job, self.stage, self.priority, self.trace) = (job, stage, priority, trace)
        (self.entryID, self.timesDelivered) = (entryID, timesDelivered)
    }

    public var reference: JobReference { JobReference(job: job, stage: stage) }
}

/// A job at a stage: what `live` and the dead index are keyed by.
public struct JobReference: Sendable, Hashable, CustomStringConvertible {
    public let job: Int64
    public let stage: Stage

    public init(job: Int64, stage: Stage) { (self.job, self.stage) = (job, stage) }

    public var description: String { "job \(job) at \(stage)" }
}

/// Whose hand a delivery is in: a consumer's name, and which life of that consumer.
public struct Owner: Sendable, Hashable, CustomStringConvertible {
    /// The consumer's name in Redis; a successor of the same name inherits its deliveries by ``StageQueue/takeOver``.
    public let name: String
    /// Drawn at random when the process starts.
    public let incarnation: String

    /// Answers nil unless both are 1 to 64 letters, digits, `.`, `-`, `_` or `:`.
    public init?(name: String, incarnation: String) {
        func isPlain(_ text: String) -> Bool {
            (1...64).contains(text.utf8.count)
                && text.utf8.allSatisfy { $0.isLetter || (0x30...0x39).contains($0) || ".-_:".utf8.contains($0) }
        }
        guard isPlain(name), isPlain(incarnation) else { return nil }
        (self.name, self.incarnation) = (name, incarnation)
    }

    public var description: String { "\(name)/\(incarnation)" }

    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        self.init(name: String(parts[0]), incarnation: String(parts[1]))
    }
}
