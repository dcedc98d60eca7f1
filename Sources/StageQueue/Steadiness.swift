/// For how long Redis has answered without a gap: no worker reclaims before that is one lease.
///
/// After an outage, or after Redis, this process or the clock of either jumped, every delivery may look abandoned, whose
/// owner just had no chance to renew it.
struct Steadiness: Sendable {
    /// Answers further apart than this are a gap; so is a step of Redis' clock against ours by more than this.
    let tolerance: Duration
    private var since: ContinuousClock.Instant?
    private var last: ContinuousClock.Instant?
    /// Redis' clock and ours, at one moment.
    private var clocks: (redis: Int64, ours: ContinuousClock.Instant)?

    init(tolerance: Duration) { self.tolerance = tolerance }

    /// - Parameter redisNow: milliseconds since 1970, where the answer tells.
    mutating func answered(at now: ContinuousClock.Instant, redisNow: Int64? = nil) {
        var isGap = last.map { $0.duration(to: now) > tolerance } ?? true
        if let redisNow {
            if let clocks {
                let step = Duration.milliseconds(redisNow - clocks.redis) - clocks.ours.duration(to: now)
                isGap = isGap || step > tolerance || step < .zero - tolerance
            }
            clocks = (redisNow, now)
        }
        if isGap { since = now }
        last = now
    }

    mutating func failed() { (since, last) = (nil, nil) }

    func isSteady(for length: Duration, at now: ContinuousClock.Instant) -> Bool {
        guard let since, let last else { return false }
        return since.duration(to: now) >= length && last.duration(to: now) <= tolerance
    }
}
