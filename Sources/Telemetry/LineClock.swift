import FoundationEssentials
import Synchronization

/// Moments as ISO 8601 to the millisecond, in UTC. Spells a second out once: a busy worker logs thousands of lines in it.
///
/// Does its own arithmetic: Foundation's format styles look the host's time zone up in ICU's tables first, which costs
/// each process more than a megabyte of memory.
final class LineClock: Sendable {
    private let last = Mutex((second: Int64.min, text: ""))

    func text(of moment: Date) -> String {
        let milliseconds = Int64((moment.timeIntervalSince1970 * 1_000).rounded(.down))
        let second = Self.floored(milliseconds, by: 1_000)
        let text = last.withLock { last in
            if last.second != second { last = (second, Self.text(ofSecond: second)) }
            return last.text
        }
        return "\(text).\(Self.padded(milliseconds - second * 1_000, to: 3))Z"
    }

    private static func text(ofSecond second: Int64) -> String {
        let day = floored(second, by: 86_400)
        let rest = second - day * 86_400
        let (year, month, dayOfMonth) = date(ofDay: day)
        let clock = [rest / 3_600, rest / 60 % 60, rest % 60].map { padded($0, to: 2) }.joined(separator: ":")
        return "\(padded(year, to: 4))-\(padded(month, to: 2))-\(padded(dayOfMonth, to: 2))T\(clock)"
    }

    /// The Gregorian date of a day since 1970. Years are counted from March on, so that a leap day ends one; they repeat
    /// after 400, which are 146,097 days.
    private static func date(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        // 0000-03-01 was 719,468 days before 1970.
        let era = floored(day + 719_468, by: 146_097)
        let dayOfEra = day + 719_468 - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        // From March on, five months have 153 days.
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    private static func floored(_ number: Int64, by divisor: Int64) -> Int64 {
        number / divisor - (number % divisor < 0 ? 1 : 0)
    }

    private static func padded(_ number: Int64, to width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
