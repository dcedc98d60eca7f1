package import FoundationEssentials

/// Reads the dates that feeds and front matter carry: RFC 822 with numeric or named zones, RFC 3339, ISO dates without a
/// time. Without a zone they count as UTC.
package enum FeedDate {
    package static func read(_ text: String) -> Date? {
        let text = text.collapsingWhitespace()
        return iso(text) ?? named(text)
    }

    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    private static let zones = [
        "z": 0, "gmt": 0, "ut": 0, "utc": 0, "wet": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6,
        "pst": -8, "pdt": -7, "bst": 1, "cet": 1, "cest": 2, "west": 1, "eet": 2, "eest": 3, "msk": 3, "jst": 9,
    ]

    /// `2024-05-03`, `2024-05-03T10:20:30.5Z`, `2024-05-03 10:20 +02:00`
    private static func iso(_ text: String) -> Date? {
        let head = text.prefix(10).split(separator: "-", omittingEmptySubsequences: false)
        guard head.count == 3, head[0].count == 4, let year = Int(head[0]), let month = Int(head[1]),
            let day = Int(head[2].prefix { $0.isNumber })
        else { return nil }
        var rest = text.dropFirst(head[0].count + head[1].count + head[2].count + 2)
        if rest.first == "T" || rest.first == "t" || rest.first == " " { rest = rest.dropFirst() }
        let time = rest.prefix { $0.isNumber || $0 == ":" || $0 == "." || $0 == "," }
        return date(year, month, day, time: String(time), zone: String(rest.dropFirst(time.count)))
    }

    /// `Fri, 03 May 2024 10:20:30 +0200`, `3 May 24 10:20 EST`, `May 3, 2024 10:20 AM`
    private static func named(_ text: String) -> Date? {
        var words = text.split { $0 == " " || $0 == "," }
        if words.count > 1, let first = words.first, first.allSatisfy(\.isLetter), month(first) == nil {
            words.removeFirst()
        }
        if words.count == 1 || (words.count > 1 && words[0].contains("-")) {
            words = words[0].split(separator: "-") + words.dropFirst()
        }
        guard words.count >= 3 else { return nil }
        let (dayWord, monthWord) = month(words[0]) == nil ? (words[0], words[1]) : (words[1], words[0])
        guard let month = month(monthWord), let day = Int(dayWord.prefix { $0.isNumber }), var year = Int(words[2])
        else {
            return nil
        }
        if words[2].count == 2 { year += year < 70 ? 2000 : 1900 }
        var time = words.count > 3 ? String(words[3]) : ""
        var zone = words.dropFirst(4).joined()
        for half in ["AM", "PM"] where zone.uppercased().hasPrefix(half) {
            zone = String(zone.dropFirst(2))
            if let hour = time.split(separator: ":").first.flatMap({ Int($0) }), hour <= 12 {
                time = "\(hour % 12 + (half == "PM" ? 12 : 0))" + time.drop { $0 != ":" }
            }
        }
        return date(year, month, day, time: time, zone: zone)
    }

    private static func month(_ word: Substring) -> Int? {
        guard word.count >= 3 else { return nil }
        return months.firstIndex(of: word.prefix(3).lowercased()).map { $0 + 1 }
    }

    private static func date(_ year: Int, _ month: Int, _ day: Int, time: String, zone: String) -> Date? {
        guard (1900...2200).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
        var seconds = days(year, month, day) * 86_400
        if !time.isEmpty {
            let parts = time.split(separator: ":").map { Int($0.prefix { $0.isNumber }) ?? -1 }
            guard (2...3).contains(parts.count), (0...24).contains(parts[0]), (0...59).contains(parts[1]) else {
                return nil
            }
            seconds += parts[0] * 3_600 + parts[1] * 60 + (parts.count == 3 ? min(max(parts[2], 0), 60) : 0)
        }
        return Date(timeIntervalSince1970: Double(seconds - offset(of: zone)))
    }

    /// Seconds east of Greenwich; an unknown name counts as UTC.
    private static func offset(of zone: String) -> Int {
        let zone = zone.trimmingWhitespace().lowercased()
        guard let sign = zone.first, sign == "+" || sign == "-" else {
            return (zones[String(zone.prefix { $0.isLetter })] ?? 0) * 3_600
        }
        let digits = zone.dropFirst().filter { $0 != ":" }.prefix { $0.isNumber }
        guard let number = Int(digits), number <= 1_500 else { return 0 }
        let seconds = digits.count <= 2 ? number * 3_600 : number / 100 * 3_600 + number % 100 * 60
        return sign == "-" ? -seconds : seconds
    }

    /// Days since 1970-01-01 in the Gregorian calendar.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        // Years begin in March, so that the leap day is a year's last.
        let year = month <= 2 ? year - 1 : year
        let monthsSinceMarch = (month + 9) % 12
        let dayOfYear = (153 * monthsSinceMarch + 2) / 5 + day - 1
        return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
    }
}
