/// How much waits where.
public struct QueueDepth: Sendable, Hashable {
    public struct Line: Sendable, Hashable {
        public let stage: Stage
        public let priority: Priority
        /// Ready to be fetched.
        public let ready: Int
        /// In workers' hands.
        public let inHand: Int
        /// In waiting rooms, until their lane has a place.
        public let waiting: Int
        /// How long the first ready one has waited; nil when none is.
        public let oldest: Duration?
    }
    public let lines: [Line]
    public let delayed: [Stage: Int]
    public let dead: [Stage: Int]
    /// What is paused: names of stages, and ``QueueTopology/everythingPaused``.
    public let paused: Set<String>
}
