/// How long to wait before the next try.
package struct Backoff: Sendable, Equatable {
    package var base: Duration
    package var cap: Duration

    package init(base: Duration = .seconds(5), cap: Duration = .seconds(900)) { (self.base, self.cap) = (base, cap) }

    /// Exponential, capped, with full jitter, so that jobs which failed together do not come back together.
    ///
    /// - Parameter failures: how many tries have failed, at least 1.
    package func delay(afterFailures failures: Int, using random: inout some RandomNumberGenerator) -> Duration {
        let ceiling = min(cap, base * (1 << min(max(failures, 1) - 1, 20)))
        return ceiling * Double.random(in: 0...1, using: &random)
    }
}
