package import FoundationEssentials

/// What happens after a stage failed.
package struct RetryRules: Sendable, Equatable {
    package enum Verdict: Sendable, Equatable {
        /// Try again after a while; counts as one of the tries.
        case retry(after: Duration)
        /// Park until then; costs no try.
        case park(until: Date)
        /// A dead letter, now.
        case bury
    }

    /// Tries in all, the first included.
    package var attempts: Int
    package var backoff: Backoff
    /// The longest `Retry-After` we obey; a longer wish is cut to it, so no provider can park a job for ever.
    package var longestWish: Duration

    package init(attempts: Int = 8, backoff: Backoff = Backoff(), longestWish: Duration = .seconds(86_400)) {
        (self.attempts, self.backoff, self.longestWish) = (attempts, backoff, longestWish)
    }

    /// How often a delivery may kill the process in which it ran alone before it is buried as a poison pill.
    package static let lonelyDeaths = 3

    /// - Parameter counted: tries of this stage that counted before this one.
    package func verdict(
        on kind: StageFailure.Kind, counted: Int, using random: inout some RandomNumberGenerator
    ) -> Verdict {
        switch kind {
        case .permanent: .bury
        case .limited(let until): .park(until: until)
        case .transient where counted + 1 >= attempts: .bury
        case .transient(let wish?): .retry(after: min(max(wish, .zero), longestWish))
        case .transient(nil): .retry(after: backoff.delay(afterFailures: counted + 1, using: &random))
        }
    }
}
