package import FoundationEssentials

/// Why a stage did not succeed, told where the cause is understood: in the provider. The rules of `RetryRules` follow
/// from its kind; the words reach a person whole, so they carry no secret.
package struct StageFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Kind: Sendable, Equatable {
        /// May go away by itself. `retryAfter` is the provider's own wish and wins over the backoff.
        case transient(retryAfter: Duration? = nil)
        /// A quota, rate or day's money is used up; nothing is wrong with the job. Costs no attempt.
        case limited(until: Date)
        /// Trying again cannot help.
        case permanent
    }

    /// A ceiling that had no room for a call.
    package enum Ceiling: String, Sendable { case video, provider, day }

    package let kind: Kind
    package let provider: ProviderName
    /// What was asked, of whom: "read the feed https://…".
    package let asked: String
    /// What came back, in the other side's own words where it gave some.
    package let answer: String
    /// Set where money is short, and for nothing else: the ceiling without room; `.provider` too where the provider itself says
    /// that its credit is used up. Something cheaper may still fit.
    package let shortOf: Ceiling?

    package init(
        _ kind: Kind, provider: ProviderName, asked: String, answer: String, shortOf: Ceiling? = nil
    ) {
        (self.kind, self.provider, self.asked, self.answer) = (kind, provider, asked, answer)
        self.shortOf = shortOf
    }

    package var description: String { "\(provider): \(asked): \(answer)" }
}

extension Channel.ShortOfMoney {
    /// What a failure comes to for a channel of this policy once there is nothing cheaper to go to: where money is short, `stop`
    /// ends the job; else it waits as the failure says. A video's own ceiling has no tomorrow: only a person can raise it.
    package func verdict(on failure: StageFailure) -> StageFailure {
        guard self == .stop, failure.shortOf != nil else { return failure }
        return StageFailure(
            .permanent, provider: failure.provider, asked: failure.asked,
            answer: "\(failure.answer); the channel's policy is to stop when money is short", shortOf: failure.shortOf)
    }
}
