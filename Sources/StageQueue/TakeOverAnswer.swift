/// What a predecessor left behind.
public struct TakeOverAnswer: Sendable {
    public let deliveries: [Delivery]
    public let anomalies: [Anomaly]
    /// As ``FetchAnswer/unknown``.
    public let unknown: Int
    /// Whether nothing is left of it in this stage.
    public let isComplete: Bool
}
