/// A consumer of the group, as Redis knows it.
public struct Consumer: Sendable, Hashable {
    public let name: String
    /// Since it last read or claimed anything, in any stream.
    public let idle: Duration
    public let inHand: Int
}
