public import Redis

/// Where a job's live delivery of a stage is.
public struct LiveDelivery: Sendable, Hashable {
    public enum Place: Sendable, Hashable {
        /// In a ready stream: waiting to be fetched, or in a worker's hand.
        case ready(StreamEntryID)
        /// Until this many milliseconds since 1970.
        case delayed(until: Int64)
        /// In its lane's waiting room.
        case waiting
        /// `live` names an entry that does not exist. The next dispatch mends it.
        case nowhere
    }
    public let place: Place
    public let priority: Priority
    /// As in `live`: an owner's mark, when it is in a hand.
    let ownerMark: [UInt8]?

    public var isInHand: Bool { ownerMark != nil }
    public func isInHand(of owner: Owner) -> Bool { ownerMark == owner.mark }
}
