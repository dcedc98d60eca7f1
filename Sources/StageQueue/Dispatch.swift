/// When a delivery may be handed out, in the clock of Redis.
public struct Due: Sendable, Hashable {
    enum Moment: Hashable, Sendable {
        case after(milliseconds: Int64)
        case at(milliseconds: Int64)
    }
    let moment: Moment

    /// So long after Redis has taken the dispatch. Needs no agreement between clocks; negative means at once.
    public static func after(_ delay: Duration) -> Due { Due(moment: .after(milliseconds: max(0, delay.milliseconds))) }

    /// At this many milliseconds since 1970.
    public static func at(milliseconds: Int64) -> Due { Due(moment: .at(milliseconds: max(0, milliseconds))) }

    /// As scripts read it.
    var argument: String {
        switch moment {
        case .after(let milliseconds): "+\(milliseconds)"
        case .at(let milliseconds): "\(milliseconds)"
        }
    }
}

/// A delivery to be made.
public struct Dispatch: Sendable, Hashable {
    public var job: Int64
    public var stage: Stage
    public var priority: Priority
    public var trace: TraceContext?
    /// When it may be handed out; nil: now.
    public var due: Due?

    public init(job: Int64, stage: Stage, priority: Priority, trace: TraceContext? = nil, due: Due? = nil) {
        (self.job, self.stage, self.priority, self.trace, self.due) = (job, stage, priority, trace, due)
    }

    /// The same stage of the same job once more.
    public init(again delivery: Delivery, due: Due? = nil) {
        self.init(
            job: delivery.job, stage: delivery.stage, priority: delivery.priority, trace: delivery.trace, due: due)
    }
}

/// What became of a dispatch.
public enum DispatchOutcome: Int, Sendable, Hashable {
    /// A new delivery, ready or delayed.
    case dispatched = 1
    /// There was one already: ready, delayed or in a worker's hand. Nothing changed.
    case alreadyLive = 2
    /// `live` pointed at an entry that no longer existed; a new delivery was made.
    case repaired = 3
    /// It was delayed for longer than this dispatch asks; it is now due as asked.
    case hastened = 4
}

/// What became of a delivery that its worker let go of.
public struct FinishOutcome: Sendable, Hashable {
    /// Whether the worker still owned it, so that it was acknowledged and deleted. Otherwise the entry is another
    /// worker's, or gone, and was left as it was.
    public let owned: Bool
    /// One for each dispatch that was asked for. They are made whether the delivery was still owned or not.
    public let dispatches: [DispatchOutcome]

    public init(owned: Bool, dispatches: [DispatchOutcome]) { (self.owned, self.dispatches) = (owned, dispatches) }
}

extension Duration {
    /// Rounded towards zero.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    }
}
