package import FoundationEssentials

/// A provider's answer, kept before anything else is done with it, with what is needed to settle its bill should its
/// keeper die.
package struct KeptResponse: Sendable, Equatable {
    /// The reservation under which it was paid for.
    package let reservation: UUID
    package let costs: [CostEntry]
    package let body: [UInt8]

    package init(reservation: UUID, costs: [CostEntry], body: [UInt8]) {
        (self.reservation, self.costs, self.body) = (reservation, costs, body)
    }
}

/// Keeps providers' answers by the hash of their request, for all hosts of a fleet.
package protocol ResponseStore: Sendable {
    /// Whether there is room to keep an answer of some size. Asked before the call is paid for.
    func checkRoom(bytes: Int64) async throws

    /// Keeps an answer for good, in place of an earlier one to the same request.
    func keep(_ response: KeptResponse, for request: RequestHash) async throws

    /// The answer to a request; nil if none is kept, or what is there is damaged.
    func find(_ request: RequestHash) async throws -> KeptResponse?

    /// Deletes an answer: for retention. Answers whether there was one.
    @discardableResult
    func remove(_ request: RequestHash) async throws -> Bool
}
