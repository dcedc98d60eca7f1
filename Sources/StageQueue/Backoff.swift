/// How long to wait before Redis is tried again: doubling, capped, and spread so that workers don't return together.
struct Backoff: Sendable {
    var base: Duration = .milliseconds(50)
    var cap: Duration = .seconds(2)
    private var failures = 0

    init() {}

    /// - Parameter spread: 0 to 1, random.
    mutating func next(spread: Double) -> Duration {
        defer { failures += 1 }
        return min(cap, base * (1 << min(failures, 10))) * (0.5 + spread / 2)
    }

    mutating func reset() { failures = 0 }
}
