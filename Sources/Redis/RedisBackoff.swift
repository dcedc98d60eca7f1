/// How long to wait before the next try: exponential, capped, with full jitter, so that clients that lost Redis together don't return together.
public struct RedisBackoff: Sendable, Equatable {
    public var base: Duration
    public var cap: Duration

    public init(base: Duration = .milliseconds(50), cap: Duration = .seconds(2)) {
        self.base = base
        self.cap = cap
    }

    /// - Parameter failures: how many tries have failed in a row, from 0.
    func delay(after failures: Int, using random: inout some RandomNumberGenerator) -> Duration {
        min(cap, base * (1 << min(failures, 20))) * Double.random(in: 0...1, using: &random)
    }
}
