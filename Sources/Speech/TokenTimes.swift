/// Gives a time to tokens that have none of their own, such as a dash or an emoji between two words.
public enum TokenTimes {
    /// A token without a time takes an equal part of the gap where it stands. Where that is too little, the word before
    /// it, or at the beginning the one after it, gives up some of its own: what is not said is shown with what was.
    ///
    /// - Parameters:
    ///   - spans: one for each token, in order, not overlapping, within `0..<length`; nil for what was not said.
    ///   - length: of the whole, in the same unit; at least the number of tokens.
    ///   - minimum: what a token without a time gets if the word beside it has as much to give.
    /// - Returns: one for each token, in order, none empty, none overlapping, all within `0..<length`.
    public static func filled(_ spans: [Range<Int>?], length: Int, minimum: Int) -> [Range<Int>] {
        precondition(length >= spans.count, "more tokens than there is time for")
        var times: [Range<Int>] = []
        times.reserveCapacity(spans.count)
        var index = 0
        while index < spans.count {
            if let known = spans[index] {
                times.append(known)
                index += 1
                continue
            }
            let run = spans[index...].prefix { $0 == nil }.count
            let after = index + run < spans.count ? spans[index + run] : nil
            let gap = (after?.lowerBound ?? length) - (times.last?.upperBound ?? 0)
            let wanted = max(gap / run, minimum)
            if let before = times.popLast() {
                let room = before.lowerBound..<(before.upperBound + gap)
                let share = min(wanted, room.count / (run + 1))
                guard share > 0 else { return divided(0..<length, into: spans.count) }
                let border = min(before.upperBound, room.upperBound - share * run)
                times.append(room.lowerBound..<border)
                times += divided(border..<room.upperBound, into: run)
                index += run
            } else if let after {
                let share = min(wanted, after.upperBound / (run + 1))
                guard share > 0 else { return divided(0..<length, into: spans.count) }
                let border = max(after.lowerBound, share * run)
                times += divided(0..<border, into: run)
                times.append(border..<after.upperBound)
                index += run + 1
            } else {
                return divided(0..<length, into: spans.count)
            }
        }
        return times
    }

    private static func divided(_ range: Range<Int>, into parts: Int) -> [Range<Int>] {
        (0..<parts).map { part in
            let start = range.lowerBound + range.count * part / parts
            return start..<(range.lowerBound + range.count * (part + 1) / parts)
        }
    }
}
