import Feeds
import Production

/// Which of a source's items may be told, in which order.
enum ItemChoice {
    /// Unused and dated after the last one used, newest first; then unused without a date, in the source's order.
    static func new(in items: [FeedItem], for candidate: ScriptCandidate) -> [FeedItem] {
        let unused = items.filter { !candidate.usedItems.contains($0.key) }
        let dated = unused.enumerated()
            .compactMap { place, item in item.date.map { (place: place, date: $0, item: item) } }
            .filter { entry in candidate.lastUsed.map { entry.date > $0 } ?? true }
            .sorted { ($1.date, $0.place) < ($0.date, $1.place) }
        return dated.map(\.item) + unused.filter { $0.date == nil }
    }

    /// Unused and dated no later than the last one used, oldest first.
    static func old(in items: [FeedItem], for candidate: ScriptCandidate) -> [FeedItem] {
        guard let lastUsed = candidate.lastUsed else { return [] }
        return items.filter { !candidate.usedItems.contains($0.key) }.enumerated()
            .compactMap { place, item in item.date.map { (place: place, date: $0, item: item) } }
            .filter { $0.date <= lastUsed }
            // Of the same date, the one further down is older.
            .sorted { ($0.date, $1.place) < ($1.date, $0.place) }
            .map(\.item)
    }
}
