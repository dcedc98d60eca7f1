/// Sees to it that the least urgent priority moves on even while the most urgent never ends: of four fetches that bring
/// something, one reads the priorities in reverse.
public struct FetchRotation: Sendable {
    private var fetches = 0

    public init() {}

    /// Whether the next fetch reads the least urgent priority first.
    public var leastUrgentFirst: Bool { fetches % 4 == 3 }

    /// Counts a fetch, unless it came back empty: an idle worker must not use up its turns.
    public mutating func fetched(_ count: Int) {
        if count > 0 { fetches += 1 }
    }
}
