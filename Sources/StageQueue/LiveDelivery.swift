public import Redis

/// Where a job's live delivery of a stage is.
public struct LiveDelivery: Sendable, Hashable {
    public enum Place: Sendable, Hashable {
        /// In a ready stream: waiting if it has no owner, else in that owner's hand.
        case ready(StreamEntryID)
        /// Until this many milliseconds since 1970.
        case delayed(until: Int64)
        /// `live` names an entry that does not exist. The next dispatch mends it.
        case nowhere
    }
    public let place: Place
    public let priority: Priority
    public let owner: Owner?
}
