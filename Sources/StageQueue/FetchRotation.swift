/// Sees to it that the least urgent priority moves on even while the most urgent never ends: of four fetches that bring
/// something, one reads the priorities in reverse; and while a lane has so much that it waits for places, every second.
public struct FetchRotation: Sendable {
    private var fetches = 0
    private var owesTurn = false

    public init() {}

    /// Whether the next fetch reads the least urgent priority first.
    public var leastUrgentFirst: Bool { owesTurn || fetches % 4 == 3 }

    /// Counts a fetch, unless it came back empty: an idle worker must not use up its turns.
    ///
    /// - Parameter crowded: whether it brought urgent ones while a lane waits for places; then it is the others' turn.
    public mutating func fetched(_ count: Int, crowded: Bool = false) {
        guard count > 0 else { return }
        fetches += 1
        owesTurn = crowded
    }
}
