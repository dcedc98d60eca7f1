/// One thing that goes wrong: where, what, and at which of the times that the place is come to.
///
/// Written `PLACE=ACTION`, with `@N` behind it for the Nth time in this process only, `%N` for N times in a hundred by
/// chance, `#JOB` for one job only; for example `commit.before=kill@3` or `work.within=delay:2s#17`.
package struct FailpointRule: Sendable, Equatable {
    package enum Action: Sendable, Equatable {
        /// SIGKILL to this process, by itself.
        case kill
        /// SIGSTOP to this process, by itself: it stands still until somebody sends SIGCONT.
        case stop
        /// Never goes on, and does not heed cancellation.
        case hang
        /// Goes on after that time; heeds cancellation.
        case delay(Duration)
        /// Throws an ``InjectedFault``.
        case fault(InjectedFault.Kind)
    }

    package let point: Failpoint
    package let action: Action
    /// Counted from 1; nil: every time.
    package let occurrence: Int?
    /// Per cent; nil: always.
    package let chance: Double?
    package let job: Int64?

    /// What the words of a rule should be, for a person who got them wrong.
    package static let grammar = """
        it should be PLACE=ACTION, …; ACTION is kill, stop, hang, error, permanent, limited:TIME or delay:TIME (such as \
        200ms, 3s), then @N for the Nth time only, %N for N times in a hundred, #JOB for one job; PLACE is one of \
        \(Failpoint.allCases.map(\.rawValue).joined(separator: ", "))
        """

    /// Nil if these are not the words of a rule.
    package init?(_ text: some StringProtocol) {
        let sides = text.split(separator: "=", maxSplits: 1)
        guard sides.count == 2, let point = Failpoint(rawValue: String(sides[0]).trimmed) else { return nil }
        var rest = String(sides[1]).trimmed
        let job = Self.suffix("#", of: &rest)
        let chance = Self.suffix("%", of: &rest)
        let occurrence = Self.suffix("@", of: &rest)
        let words = rest.split(separator: ":", maxSplits: 1).map(String.init)
        switch (words.first, words.dropFirst().first.map(Self.duration)) {
        case ("kill", nil): action = .kill
        case ("stop", nil): action = .stop
        case ("hang", nil): action = .hang
        case ("error", nil): action = .fault(.transient)
        case ("permanent", nil): action = .fault(.permanent)
        case ("limited", .some(.some(let time))): action = .fault(.limited(for: time))
        case ("delay", .some(.some(let time))): action = .delay(time)
        default: return nil
        }
        self.point = point
        self.occurrence = occurrence.flatMap(Int.init)
        self.chance = chance.flatMap(Double.init)
        self.job = job.flatMap(Int64.init)
        let numbers = [occurrence != nil && (self.occurrence ?? 0) < 1, chance != nil && self.chance == nil]
        guard !numbers.contains(true), job == nil || self.job != nil else { return nil }
    }

    /// Rules with commas between them; nil if one of them is none.
    package static func list(_ text: String) -> [FailpointRule]? {
        let texts = text.split(separator: ",").map { String($0).trimmed }.filter { !$0.isEmpty }
        let rules = texts.compactMap { FailpointRule($0) }
        return rules.count == texts.count ? rules : nil
    }

    private static func suffix(_ mark: Character, of text: inout String) -> String? {
        guard let index = text.lastIndex(of: mark) else { return nil }
        defer { text = String(text[..<index]) }
        return String(text[text.index(after: index)...])
    }

    /// `200ms`, `3s`
    private static func duration(_ text: String) -> Duration? {
        if text.hasSuffix("ms") { return Int64(text.dropLast(2)).map { .milliseconds($0) } }
        guard text.hasSuffix("s") else { return nil }
        return Double(text.dropLast()).map { .milliseconds(Int64($0 * 1_000)) }
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
