package import FoundationEssentials

/// The one door through which an adapter spends money, opened for the attempt at hand. `StageTask` is it in a worker.
package protocol Spending: Sendable {
    /// Answers a request from the store, or by `call` after holding the request's upper bound below every ceiling. The call
    /// is made at most once here and told the reservation's id: a provider that takes an idempotency key gets that.
    ///
    /// `call` throws `NotBilled` where it knows that nothing was billed; whatever else it throws leaves the bill in doubt.
    ///
    /// - Returns: the answer's body, as `call` gave it.
    /// - Throws: `StageFailure`, or what `call` throws.
    func answer(
        to request: PaidRequest, call: @escaping @Sendable (UUID) async throws -> PaidAnswer
    ) async throws -> [UInt8]
}

/// Where nothing may be spent: outside of a fleet. Refuses every call.
package struct NoSpending: Spending {
    package init() {}

    package func answer(
        to request: PaidRequest, call: @escaping @Sendable (UUID) async throws -> PaidAnswer
    ) async throws -> [UInt8] {
        throw StageFailure(
            .permanent, provider: request.provider, asked: "pay for \(request.model)",
            answer: "nothing can be paid for outside of a fleet: its ledger holds the ceilings")
    }
}
