/// What became of a dispatch.
public enum DispatchOutcome: Int, Sendable, Hashable {
    /// A new delivery: ready, waiting for its lane, or delayed.
    case dispatched = 1
    /// There was one already: ready, waiting, delayed or in a worker's hand. Nothing changed.
    case alreadyLive = 2
    /// `live` pointed at an entry that no longer existed; a new delivery was made.
    case repaired = 3
    /// It was delayed for longer than this dispatch asks; it is now due as asked.
    case hastened = 4
}
