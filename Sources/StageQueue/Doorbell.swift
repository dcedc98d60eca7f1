import Redis

/// Ends of the streams that a worker reads, as of one look.
public struct Doorbell: Sendable, Hashable {
    /// Pairs of stream key and last entry id.
    let positions: [Position]

    struct Position: Sendable, Hashable {
        let stream: String
        let last: StreamEntryID
    }
}
