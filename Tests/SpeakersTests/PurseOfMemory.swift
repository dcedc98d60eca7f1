import Foundation
import Production
import Synchronization

/// The door for money as the fleet has it, with a memory for its ledger: keeps answers by their whole request, counts what was
/// billed and what is in doubt, and refuses where it is told to.
final class PurseOfMemory: Spending {
    struct Key: Hashable {
        let provider: ProviderName
        let model: String
        let body: [UInt8]
        let ordinal: Int
    }

    struct State {
        var kept: [Key: [UInt8]] = [:]
        /// In the order of the calls that were made.
        var requests: [PaidRequest] = []
        var costs: [CostEntry] = []
        var found = 0
        var released = 0
        var inDoubt = 0
        var refusals: [ProviderName: StageFailure] = [:]
    }

    private let state = Mutex(State())

    var now: State { state.withLock { $0 } }

    func refuse(_ provider: ProviderName, with failure: StageFailure) {
        state.withLock { $0.refusals[provider] = failure }
    }

    func answer(
        to request: PaidRequest, call: @escaping @Sendable (UUID) async throws -> PaidAnswer
    ) async throws -> [UInt8] {
        let key = Key(
            provider: request.provider, model: request.model, body: request.body, ordinal: request.ordinal)
        let kept = state.withLock { state in
            if state.kept[key] != nil { state.found += 1 }
            return state.kept[key]
        }
        if let kept { return kept }
        if let refusal = now.refusals[request.provider] { throw refusal }
        state.withLock { $0.requests.append(request) }
        do {
            let answer = try await call(UUID())
            state.withLock { state in
                state.kept[key] = answer.body
                state.costs += answer.costs
            }
            return answer.body
        } catch let error as NotBilled {
            state.withLock { $0.released += 1 }
            throw error.failure
        } catch {
            state.withLock { $0.inDoubt += 1 }
            throw error
        }
    }
}

extension PriceList {
    static let speech = PriceList(
        prices: [
            Key(provider: "elevenlabs", model: "eleven_multilingual_v2", item: "characters"): .perThousand(100_000),
            Key(provider: "elevenlabs", model: "eleven_flash_v2_5", item: "characters"): .perThousand(100_000),
            Key(provider: "elevenlabs", model: "eleven_v3", item: "characters"): .perThousand(100_000),
            Key(provider: "elevenlabs", model: "eleven_tiny", item: "characters"): .perThousand(100_000),
            Key(provider: "openai", model: "tts-1", item: "characters"): .perThousand(15_000),
            Key(provider: "openai", model: "gpt-4o-mini-tts", item: "characters"): .perThousand(20_000),
        ].compactMapValues(\.self), asOf: "2026-11-22")
}

extension Price {
    static func perThousand(_ micros: Int64) -> Price? { Price(micros: micros, perUnits: 1_000) }
}
