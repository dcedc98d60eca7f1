/// What became of a delivery that its worker let go of.
public struct FinishOutcome: Sendable, Hashable {
    /// Whether the worker still owned it, so that it was acknowledged and deleted. Otherwise the entry is another
    /// worker's, or gone, and was left as it was.
    public let owned: Bool
    /// One for each dispatch that was asked for. They are made whether the delivery was still owned or not.
    public let dispatches: [DispatchOutcome]

    public init(owned: Bool, dispatches: [DispatchOutcome]) { (self.owned, self.dispatches) = (owned, dispatches) }
}
