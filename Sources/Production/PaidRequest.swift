/// One call that costs money: everything it depends on, and the most it can cost.
package struct PaidRequest: Sendable {
    package let provider: ProviderName
    /// What does the work and sets the price: a model, a voice; the endpoint where there is neither.
    package let model: String
    /// The whole body, or whatever else decides what comes back.
    package let body: [UInt8]
    /// Which of several equal requests of a stage this is: a rewrite that asks the same again is another request.
    package let ordinal: Int
    /// Whose request it is, where an equal one of another's must have an answer of its own: two channels of one name that read
    /// the same feed ask a model the same, and must not tell the same story in the same words. Empty: anybody's.
    package let scope: String
    /// What is paid for, as the ledger names it while the real items are not known: `tokens`, `characters`.
    package let item: String
    /// The most it can cost. A call without such a bound can't be made.
    package let upperBound: MicroDollars
    /// How long the call may last.
    package let timeLimit: Duration

    package init(
        provider: ProviderName, model: String, body: [UInt8], ordinal: Int = 0, scope: String = "",
        item: String, upperBound: MicroDollars,
        timeLimit: Duration
    ) {
        (self.provider, self.model, self.body, self.ordinal) = (provider, model, body, ordinal)
        self.scope = scope
        (self.item, self.upperBound, self.timeLimit) = (item, upperBound, timeLimit)
    }
}

/// A request's name: SHA-256 of provider, model, the whole body, the ordinal and the scope. Whoever asks the same gets the same
/// answer, paid for once.
package struct RequestHash: Sendable, Hashable, CustomStringConvertible {
    /// 32 bytes
    package let bytes: [UInt8]

    package init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// Lower-case hexadecimal, 64 digits.
    package var description: String { bytes.hexadecimal }
}

/// What a provider answered, and what that cost.
package struct PaidAnswer: Sendable {
    package let body: [UInt8]
    /// By items; empty if it was free.
    package let costs: [CostEntry]

    package init(body: [UInt8], costs: [CostEntry]) { (self.body, self.costs) = (body, costs) }
}

/// Thrown by a call that certainly was not billed: no byte of it was sent, or the provider answered that it did nothing,
/// by an answer its documentation calls free. Anything else that is thrown leaves the bill in doubt.
package struct NotBilled: Error {
    package let failure: StageFailure

    package init(_ failure: StageFailure) { self.failure = failure }
}
