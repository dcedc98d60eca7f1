import Fleet
import Foundation
import Production

/// How the commands tell times, sizes and money.
enum Phrases {
    /// `4.2 s`, `3 min 20 s`, `2 h 5 min`
    static func duration(_ seconds: TimeInterval) -> String {
        switch seconds {
        case ..<100: return "\(seconds.formatted(decimals: 1)) s"
        case ..<6_000: return "\(Int(seconds) / 60) min \(Int(seconds) % 60) s"
        default: return "\(Int(seconds) / 3_600) h \(Int(seconds) % 3_600 / 60) min"
        }
    }

    static func ago(_ date: Date, now: Date = Date()) -> String {
        let seconds = now.timeIntervalSince(date)
        return seconds < 1 ? "now" : "\(duration(seconds)) ago"
    }

    static func bytes(_ count: Int64) -> String {
        switch count {
        case ..<1_000: return "\(count) B"
        case ..<1_000_000: return "\((Double(count) / 1e3).formatted(decimals: 1)) kB"
        case ..<1_000_000_000: return "\((Double(count) / 1e6).formatted(decimals: 1)) MB"
        default: return "\((Double(count) / 1e9).formatted(decimals: 2)) GB"
        }
    }

    static func money(_ amount: MicroDollars) -> String { "\(amount) USD" }

    /// `1:34`
    static func length(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        return "\(whole / 60):\(whole % 60 < 10 ? "0" : "")\(whole % 60)"
    }

    /// A price as people state it: `0.02 an hour`, `0.01 per GiB`, `3.00 per 1000000 tokens`.
    static func price(_ micros: Int64, for units: Int64, of unit: String) -> String {
        let price = MicroDollars(micros).description
        return switch (unit, units) {
        case ("ms", 3_600_000): "\(price) an hour"
        case ("bytes", 1 << 30): "\(price) per GiB"
        case (_, 1): "\(price) per \(unit)"
        default: "\(price) per \(units) \(unit)"
        }
    }

    /// Who did a stage's outside work. The provider that needs no account is named `offline`, which alone would read as
    /// an outage.
    static func provider(_ name: String) -> String {
        switch name {
        case "": "an unknown provider"
        case "offline": "the offline provider"
        default: name
        }
    }

    /// `a`, `a and b`, `a, b and c`
    static func list(_ names: [String]) -> String {
        guard let last = names.last, names.count > 1 else { return names.first ?? "" }
        return names.dropLast().joined(separator: ", ") + " and " + last
    }
}
