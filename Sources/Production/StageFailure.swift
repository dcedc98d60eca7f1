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

    package let kind: Kind
    package let provider: ProviderName
    /// What was asked, of whom: "read the feed https://…".
    package let asked: String
    /// What came back, in the other side's own words where it gave some.
    package let answer: String

    package init(_ kind: Kind, provider: ProviderName, asked: String, answer: String) {
        (self.kind, self.provider, self.asked, self.answer) = (kind, provider, asked, answer)
    }

    package var description: String { "\(provider): \(asked): \(answer)" }
}
