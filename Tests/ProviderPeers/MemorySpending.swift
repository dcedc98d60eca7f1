package import Foundation
package import Production
import Synchronization

/// The door for money in memory, by the rules of the real one: an upper bound is held before a call, a kept answer is paid for
/// once, what is not known counts in full.
package final class MemorySpending: Spending {
    private struct Key: Hashable {
        let provider: ProviderName
        let model: String
        let body: [UInt8]
        let ordinal: Int
        let scope: String
    }

    private struct Books {
        var day: Counter
        var video: Counter
        var kept: [Key: [UInt8]] = [:]
        var requests: [PaidRequest] = []
        var costs: [CostEntry] = []
        var inDoubt: [MicroDollars] = []
        var released = 0
    }

    private let books: Mutex<Books>
    private let tomorrow: Date

    package init(
        day: MicroDollars = 10_000_000, video: MicroDollars = 10_000_000,
        tomorrow: Date = Date(timeIntervalSince1970: 1_800_000_000)
    ) {
        books = Mutex(Books(day: Counter(ceiling: day), video: Counter(ceiling: video)))
        self.tomorrow = tomorrow
    }

    package var spent: MicroDollars { books.withLock { $0.day.spent } }
    package var held: MicroDollars { books.withLock { $0.day.held } }
    package var costs: [CostEntry] { books.withLock { $0.costs } }
    package var inDoubt: [MicroDollars] { books.withLock { $0.inDoubt } }
    package var released: Int { books.withLock { $0.released } }
    /// Those that came to a call.
    package var requests: [PaidRequest] { books.withLock { $0.requests } }

    package func answer(
        to request: PaidRequest, call: @escaping @Sendable (UUID) async throws -> PaidAnswer
    ) async throws -> [UInt8] {
        let key = Key(
            provider: request.provider, model: request.model, body: request.body, ordinal: request.ordinal,
            scope: request.scope)
        if let kept = books.withLock({ $0.kept[key] }) { return kept }
        let bound = request.upperBound
        try books.withLock { books in
            guard books.video.reserve(bound) else {
                throw refusal(request, .permanent, .video, "the video's ceiling")
            }
            guard books.day.reserve(bound) else {
                books.video.settle(reserved: bound, actual: 0)
                throw refusal(request, .limited(until: tomorrow), .day, "the day's money is used up")
            }
            books.requests.append(request)
        }
        do {
            let answer = try await call(UUID())
            settle(bound, answer.costs.reduce(0) { $0 + $1.amount }) {
                $0.costs += answer.costs
                $0.kept[key] = answer.body
            }
            return answer.body
        } catch let error as NotBilled {
            settle(bound, 0) { $0.released += 1 }
            throw error.failure
        } catch {
            settle(bound, bound) { $0.inDoubt.append(bound) }
            throw error
        }
    }

    private func settle(_ bound: MicroDollars, _ actual: MicroDollars, _ then: (inout Books) -> Void) {
        books.withLock { books in
            books.day.settle(reserved: bound, actual: actual)
            books.video.settle(reserved: bound, actual: actual)
            then(&books)
        }
    }

    private func refusal(
        _ request: PaidRequest, _ kind: StageFailure.Kind, _ ceiling: StageFailure.Ceiling, _ why: String
    ) -> StageFailure {
        StageFailure(
            kind, provider: request.provider, asked: "hold \(request.upperBound) USD for \(request.model)", answer: why,
            shortOf: ceiling)
    }
}
