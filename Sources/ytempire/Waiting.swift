import Fleet
import Ledger
import Production

extension PauseReport {
    var what: String { scope == "fleet" ? "the whole fleet" : scope == "user" ? "\(key)'s production" : key }

    /// The command that ends it.
    var end: String {
        scope == "fleet" ? "`ytempire start`" : "`ytempire start --\(scope) \(key)`"
    }

    /// `stage render since 2026-11-21 14:03:07 UTC (2 h 5 min ago) by anna: new fonts`
    func line(_ clock: FleetClock) -> String {
        let what = scope == "fleet" ? "the whole fleet" : "\(scope) \(key)"
        return "\(what) since \(clock.moment(since))" + (who.isEmpty ? "" : " by \(who)")
            + (reason.isEmpty ? "" : ": \(reason)")
    }

    /// `STOPPED 20.3 s ago by root: the whole fleet, for new disks`; wrapped, with the command that ends it.
    func banner(_ clock: FleetClock) -> [String] {
        let by = who.isEmpty ? "" : " by \(who)"
        return wrapped(
            "\(what), \(clock.age(since))\(by)\(reason.isEmpty ? "" : ": \(reason)"). \(end) ends it.", indent: 9,
            first: "STOPPED: ")
    }
}

extension WaitReport {
    /// What keeps it, in one sentence without an end: `the only slot of render is busy with job 2`.
    func why(_ clock: FleetClock) -> String {
        let stage = stage.rawValue
        if !stops.isEmpty {
            return stops.map { stop in
                let by = stop.who.isEmpty ? "" : " by \(stop.who)"
                let reason = stop.reason.isEmpty ? "" : ": \(stop.reason)"
                return "\(stop.what) is stopped since \(clock.moment(stop.since))\(by)\(reason) (\(stop.end) ends it)"
            }.joined(separator: "; ")
        }
        if isChannelPaused { return "its channel is paused (`ytempire channel resume` goes on)" }
        if let dueAt { return "it is due at \(clock.moment(dueAt))" }
        if workers == 0 { return "no \(stage) worker is alive (start ytempire-\(stage))" }
        let jobs = inHand.prefix(5).map { "\($0)" }.joined(separator: ", ") + (inHand.count > 5 ? ", …" : "")
        let queue = others == 0 ? "" : "; \(others) \(others == 1 ? "other is" : "others are") queued there"
        if inHand.count >= slots {
            let slot = slots == 1 ? "the only slot of \(stage) is" : "all \(slots) slots of \(stage) are"
            return "\(slot) busy with \(inHand.count == 1 ? "job" : "jobs") \(jobs)\(queue)"
        }
        if mustRunAlone { return "it has lost its worker twice, and waits to run alone in a process" }
        return "\(stage) has a free slot and should take it at any moment\(queue)"
    }

    /// What keeps it, without what grows older: another one is worth telling.
    var causes: [String] {
        stops.map(\.what)
            + [isChannelPaused ? "channel" : nil, dueAt.map { "\($0)" }, workers == 0 ? "nobody" : nil]
            .compactMap(\.self) + inHand.map { "\($0)" }
    }

    /// For whoever has just asked for something that a stop keeps from happening; nil if nothing does.
    func warning(_ clock: FleetClock) -> String? {
        guard !stops.isEmpty || isChannelPaused || workers == 0 else { return nil }
        return wrapped("It waits: \(why(clock)).", indent: 2, first: "").joined(separator: "\n") + "\n"
    }
}

extension PastWait {
    /// `render had jobs 2 and 5 in hand; voice was stopped until … by root: new fonts`; empty if nothing is known.
    func why(at stage: Production.Stage, _ clock: FleetClock) -> String {
        var parts = stops.map { stop in
            let what =
                stop.scope == "fleet" ? "the whole fleet" : stop.scope == "user" ? "\(stop.key)'s production" : stop.key
            return "\(what) was stopped until \(clock.timeOfDay(stop.until))"
                + (stop.who.isEmpty ? "" : " by \(stop.who)")
                + (stop.reason.isEmpty ? "" : ": \(stop.reason)")
        }
        if !inHand.isEmpty {
            let jobs = Phrases.list(inHand.map { "\($0)" })
            parts.append("\(stage.rawValue) had \(inHand.count == 1 ? "job" : "jobs") \(jobs) in hand")
        }
        return parts.joined(separator: "; ")
    }
}
