public import Redis

/// An entry in the index of dead letters. Its history is where the truth is kept.
public struct DeadLetter: Sendable, Hashable {
    public let reference: JobReference
    /// Milliseconds since 1970, by Redis' clock.
    public let buried: Int64
}

/// Where a job's live delivery of a stage is.
public struct LiveDelivery: Sendable, Hashable {
    public enum Place: Sendable, Hashable {
        /// In a ready stream: waiting if it has no owner, else in that owner's hand.
        case ready(StreamEntryID)
        /// Until this many milliseconds since 1970.
        case delayed(until: Int64)
        /// `live` names an entry that does not exist. The next dispatch mends it.
        case nowhere
    }
    public let place: Place
    public let priority: Priority
    public let owner: Owner?
}

/// How much waits where.
public struct QueueDepth: Sendable, Hashable {
    public struct Line: Sendable, Hashable {
        public let stage: Stage
        public let priority: Priority
        /// Waiting to be fetched.
        public let ready: Int
        /// In workers' hands.
        public let inHand: Int
        /// How long the first waiting one has waited; nil when none waits.
        public let oldest: Duration?
    }
    public let lines: [Line]
    public let delayed: [Stage: Int]
    public let dead: [Stage: Int]
    /// What is paused: names of stages, and ``QueueTopology/everythingPaused``.
    public let paused: Set<String>
}

/// A consumer of the group, as Redis knows it.
public struct Consumer: Sendable, Hashable {
    public let name: String
    /// Since it last read or claimed anything, in any stream.
    public let idle: Duration
    public let inHand: Int
}

/// Something about the server that the queue's promises depend on.
public struct ServerFinding: Sendable, Hashable {
    public enum Severity: Sendable { case advice, required }
    public let severity: Severity
    /// What was found, why it matters and what to set.
    public let message: String
}
