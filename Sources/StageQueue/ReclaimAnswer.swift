/// How far a look for abandoned deliveries has come. A new one begins at the beginning.
public struct ReclaimCursor: Sendable, Hashable {
    /// `XAUTOCLAIM`'s, one for each priority.
    let positions: [String]?

    public init() { positions = nil }
    init(positions: [String]) { self.positions = positions }
}

/// What one look for abandoned deliveries brought.
public struct ReclaimAnswer: Sendable {
    public let deliveries: [Delivery]
    public let anomalies: [Anomaly]
    /// As ``FetchAnswer/unknown``.
    public let unknown: Int
    /// Where the next look goes on.
    public let cursor: ReclaimCursor
}
