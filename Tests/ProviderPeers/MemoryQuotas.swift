package import Foundation
package import Production

/// A quota book in memory, for one process: the same contract as the ledger's. Every provider's day is YouTube's.
package actor MemoryQuotas: QuotaBook {
    private struct Key: Hashable {
        let bucket: String
        let owner: String
        let provider: ProviderName
    }

    private let now: @Sendable () -> Date
    private var used: [Key: (day: Date, amount: Int)] = [:]
    private var closed: [Key: Date] = [:]

    package init(now: @escaping @Sendable () -> Date = { Date() }) { self.now = now }

    package func used(_ bucket: String) -> Int {
        used.filter { $0.key.bucket == bucket }.reduce(0) { $0 + $1.value.amount }
    }

    package func take(_ amount: Int, of quota: Quota, for provider: ProviderName) throws {
        let key = Key(bucket: quota.bucket, owner: quota.owner, provider: provider)
        let day = Self.nextMidnight(after: now())
        let before = used[key].flatMap { $0.day == day ? $0.amount : nil } ?? 0
        if let opens = closed[key], opens > now() { throw over(quota, provider, opens) }
        guard before + amount <= quota.limit else { throw over(quota, provider, day) }
        used[key] = (day, before + amount)
    }

    package func exhausted(_ quota: Quota, at provider: ProviderName, until: Date?) -> Date {
        let opens = until ?? Self.nextMidnight(after: now())
        closed[Key(bucket: quota.bucket, owner: quota.owner, provider: provider)] = opens
        return opens
    }

    private func over(_ quota: Quota, _ provider: ProviderName, _ opens: Date) -> StageFailure {
        StageFailure(
            .limited(until: opens), provider: provider, asked: "take from the day's \(quota.bucket)",
            answer: "\(quota.limit) a day are used up")
    }

    /// Midnight in Los Angeles.
    package static func nextMidnight(after moment: Date) -> Date {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: "America/Los_Angeles") ?? .gmt
        let midnight = calendar.startOfDay(for: moment)
        return calendar.date(byAdding: .day, value: 1, to: midnight) ?? moment.addingTimeInterval(86_400)
    }
}
