import Fleet
import Foundation

/// Tells moments as a person of this fleet reads them: in the fleet's zone, with the age beside.
struct FleetClock: Sendable {
    let zone: TimeZone
    let now: Date

    init(zone: String, now: Date = Date()) {
        // Postgres has accepted the zone's name; where Foundation does not know it, UTC is at least said to be UTC.
        (self.zone, self.now) = (TimeZone(identifier: zone) ?? .gmt, now)
    }

    /// `2026-11-21 14:03:07 UTC`, `2026-11-21 15:03:07 +01:00`
    func time(_ date: Date) -> String {
        let style = Date.ISO8601FormatStyle(dateTimeSeparator: .space, timeZone: zone)
            .year().month().day().time(includingFractionalSeconds: false)
        let minutes = zone.secondsFromGMT(for: date) / 60
        guard minutes != 0 else { return "\(date.formatted(style)) UTC" }
        // An offset: short names of zones are known for a few only.
        let (hours, rest) = (abs(minutes) / 60, abs(minutes) % 60)
        let offset = "\(minutes < 0 ? "-" : "+")\(hours < 10 ? "0" : "")\(hours):\(rest < 10 ? "0" : "")\(rest)"
        return "\(date.formatted(style)) \(offset)"
    }

    /// `14:03:07`
    func timeOfDay(_ date: Date) -> String { String(time(date).dropFirst(11).prefix(8)) }

    /// `3 min 20 s ago`, `in 12.0 s`, `now`
    func age(_ date: Date) -> String {
        let seconds = now.timeIntervalSince(date)
        return seconds <= -1 ? "in \(Phrases.duration(-seconds))" : Phrases.ago(date, now: now)
    }

    /// `2026-11-21 14:03:07 UTC (3 min 20 s ago)`
    func moment(_ date: Date) -> String { "\(time(date)) (\(age(date)))" }
}

extension FleetServices {
    var clock: FleetClock { FleetClock(zone: configuration.zone) }
}
