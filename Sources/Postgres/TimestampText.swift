import Foundation

/// Moments as Postgres writes them with `DateStyle = ISO`: `2026-03-01 12:00:00.000001+00`.
///
/// Calendar arithmetic in whole numbers (the proleptic Gregorian calendar, as Postgres'), because a formatter is slower
/// and rounds to milliseconds.
enum TimestampText {
    /// 2001-01-01, `Date`'s reference, counted from 1970-01-01.
    private static let referenceDay: Int64 = 11_323
    private static let microsecondsPerDay: Int64 = 86_400_000_000

    static func append(_ date: Date, to text: inout [UInt8]) {
        let seconds = date.timeIntervalSinceReferenceDate.rounded(.down)
        // Whole and fractional part apart: one product of both would lose the last microsecond.
        let fraction = ((date.timeIntervalSinceReferenceDate - seconds) * 1_000_000).rounded()
        let microseconds = Int64(seconds) * 1_000_000 + Int64(fraction)
        let (day, time) = floored(microseconds, by: microsecondsPerDay)
        var (year, month, dayOfMonth) = civil(day + referenceDay)
        let beforeChrist = year < 1
        if beforeChrist { year = 1 - year }
        append(year, width: 4, to: &text)
        text.append(UInt8(ascii: "-"))
        append(month, width: 2, to: &text)
        text.append(UInt8(ascii: "-"))
        append(dayOfMonth, width: 2, to: &text)
        text.append(UInt8(ascii: " "))
        append(time / 3_600_000_000, width: 2, to: &text)
        text.append(UInt8(ascii: ":"))
        append(time / 60_000_000 % 60, width: 2, to: &text)
        text.append(UInt8(ascii: ":"))
        append(time / 1_000_000 % 60, width: 2, to: &text)
        text.append(UInt8(ascii: "."))
        append(time % 1_000_000, width: 6, to: &text)
        text.append(contentsOf: "+00".utf8)
        if beforeChrist { text.append(contentsOf: " BC".utf8) }
    }

    /// Whether Postgres has a name for the moment: 4713 BC to AD 294276
    /// (https://www.postgresql.org/docs/current/datatype-datetime.html), kept clear of the edges.
    static func canHold(_ date: Date) -> Bool {
        let seconds = date.timeIntervalSinceReferenceDate
        return seconds > -210_000_000_000 && seconds < 9_000_000_000_000
    }

    /// nil for `infinity` and anything malformed.
    static func date(_ text: UnsafeBufferPointer<UInt8>) -> Date? {
        var scanner = Scanner(text: text)
        guard var year = scanner.number(), scanner.skip("-"), let month = scanner.number(), scanner.skip("-"),
            let day = scanner.number(), scanner.skip(" "), let hour = scanner.number(), scanner.skip(":"),
            let minute = scanner.number(), scanner.skip(":"), let second = scanner.number()
        else { return nil }
        let microsecond = scanner.skip(".") ? scanner.fraction() : 0
        var offset: Int64 = 0
        let east = scanner.skip("+")
        if east || scanner.skip("-") {
            guard let hours = scanner.number() else { return nil }
            let minutes = scanner.skip(":") ? scanner.number() ?? 0 : 0
            let seconds = scanner.skip(":") ? scanner.number() ?? 0 : 0
            offset = (hours * 3600 + minutes * 60 + seconds) * (east ? 1 : -1)
        }
        if scanner.skip(" "), scanner.skip("B"), scanner.skip("C") { year = 1 - year }
        guard scanner.isAtEnd else { return nil }
        let days = dayNumber(year: year, month: month, day: day) - referenceDay
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
        return Date(timeIntervalSinceReferenceDate: Double(seconds) + Double(microsecond) / 1_000_000)
    }

    private struct Scanner {
        let text: UnsafeBufferPointer<UInt8>
        var position = 0

        var isAtEnd: Bool { position == text.count }

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard position < text.count, text[position] == UInt8(ascii: character) else { return false }
            position += 1
            return true
        }

        mutating func number() -> Int64? {
            let start = position
            var value: Int64 = 0
            while let digit = digit(), position - start < 9 {
                value = value * 10 + digit
                position += 1
            }
            return position > start ? value : nil
        }

        /// Up to six digits after the point, as microseconds.
        mutating func fraction() -> Int64 {
            var value: Int64 = 0
            var weight: Int64 = 100_000
            while let digit = digit() {
                value += digit * weight
                weight /= 10
                position += 1
            }
            return value
        }

        private func digit() -> Int64? {
            guard position < text.count, text[position] >= 0x30, text[position] <= 0x39 else { return nil }
            return Int64(text[position] - 0x30)
        }
    }

    // Days and dates, after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"
    // (https://howardhinnant.github.io/date_algorithms.html): years start in March, eras of 400 years repeat.

    private static func dayNumber(year: Int64, month: Int64, day: Int64) -> Int64 {
        let (era, yearOfEra) = floored(month <= 2 ? year - 1 : year, by: 400)
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func civil(_ day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = floored(day + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }

    private static func floored(_ value: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    private static func append(_ value: Int64, width: Int, to text: inout [UInt8]) {
        let digits = String(value).utf8
        for _ in 0..<max(0, width - digits.count) { text.append(0x30) }
        text.append(contentsOf: digits)
    }
}
