/// A wall-clock time, to the minute, in whatever zone it is read.
package struct TimeOfDay: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let hour: Int
    package let minute: Int

    package init?(hour: Int, minute: Int) {
        guard (0..<24).contains(hour), (0..<60).contains(minute) else { return nil }
        (self.hour, self.minute) = (hour, minute)
    }

    /// Reads `H:MM`, `HH:MM`, or `HH:MM:SS` as Postgres writes a `time` (the seconds are dropped).
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3, parts[0].count <= 2, parts[1].count == 2,
            parts.allSatisfy({ $0.utf8.first.map(Self.isDigit) == true }), parts[0].utf8.allSatisfy(Self.isDigit),
            parts[1].utf8.allSatisfy(Self.isDigit), let hour = Int(parts[0]), let minute = Int(parts[1])
        else { return nil }
        self.init(hour: hour, minute: minute)
    }

    /// `Int` would read a sign, too.
    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// 00:00
    package static let midnight = TimeOfDay(uncheckedHour: 0, minute: 0)

    private init(uncheckedHour hour: Int, minute: Int) { (self.hour, self.minute) = (hour, minute) }

    package static func < (a: Self, b: Self) -> Bool { (a.hour, a.minute) < (b.hour, b.minute) }

    package var description: String { "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)" }
}

extension TimeOfDay: Codable {
    /// From `HH:MM`.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let time = TimeOfDay(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(text) is not a time of day")
        }
        self = time
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
