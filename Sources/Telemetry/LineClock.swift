import FoundationEssentials
import Synchronization

/// Moments as ISO 8601 to the millisecond. Spells a second out once: a busy worker logs thousands of lines in it.
final class LineClock: Sendable {
    private let last = Mutex((second: Int64.min, text: ""))

    func text(of moment: Date) -> String {
        let milliseconds = Int64((moment.timeIntervalSince1970 * 1_000).rounded(.down))
        let (second, rest) = milliseconds.quotientAndRemainder(dividingBy: 1_000)
        guard milliseconds >= 0 else {
            return moment.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        }
        let text = last.withLock { last in
            if last.second != second {
                let whole = Date(timeIntervalSince1970: Double(second)).formatted(.iso8601)
                last = (second, String(whole.dropLast()))
            }
            return last.text
        }
        let digits = String(rest)
        return "\(text).\(String(repeating: "0", count: 3 - digits.count))\(digits)Z"
    }
}
