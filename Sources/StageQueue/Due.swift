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

extension Duration {
    /// Whole milliseconds, rounded up: nothing comes before its time, and no limit is shorter than was asked for.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000 + (attoseconds + (attoseconds > 0 ? 999_999_999_999_999 : 0)) / 1_000_000_000_000_000
    }
}
