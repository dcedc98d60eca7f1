import FoundationEssentials

/// Whose turn it is among a user's channels: the least recently served of the active ones, never served before served,
/// equal ones in the order they were added. The coordinator's bulk statement sorts by the same three things.
package struct ChannelRotation: Sendable {
    /// All active channels, next one first.
    package let order: [Channel]

    package init(_ channels: [Channel]) {
        order = channels.filter { $0.state == .active }.sorted {
            (($0.lastServed ?? .distantPast), $0.id) < (($1.lastServed ?? .distantPast), $1.id)
        }
    }

    package var next: Channel? { order.first }
}
