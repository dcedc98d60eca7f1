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
