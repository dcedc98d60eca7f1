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
}

extension MicroDollars {
    /// `0.0034`: enough to see what it is, for narrow columns. Rounded up, like every amount.
    var cents: String {
        guard rawValue > 0 else { return description }
        let step: Int64 = rawValue < 1_000_000 ? 100 : 10_000
        return MicroDollars((rawValue + step - 1) / step * step).description
    }
}
