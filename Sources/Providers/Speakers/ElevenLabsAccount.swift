import FoundationEssentials
import HTTP
import NIOHTTP1
import Production
import ProviderCalling

/// What ElevenLabs tells of its models and of the account, asked for free and remembered.
actor ElevenLabsAccount {
    /// A model as far as its price and its limit go.
    struct Model: Sendable, Equatable {
        /// Characters a request may have; nil if it does not say.
        let longest: Int?
        /// Credits for a character: 1, or 0.5 for the faster ones. Nil if it does not say.
        let creditsPerCharacter: Double?
    }

    private let settings: ElevenLabsSettings
    private let line: ProviderLine
    private let now: @Sendable () -> Date
    private var models: [String: Model] = [:]
    private var asked: Date?

    init(_ settings: ElevenLabsSettings, line: ProviderLine, now: @escaping @Sendable () -> Date) {
        (self.settings, self.line, self.now) = (settings, line, now)
    }

    /// Nil if the provider won't say, as for a key that may only speak; asked again after a while.
    func model(_ id: String) async throws -> Model? {
        if let asked, now().timeIntervalSince(asked) < (models.isEmpty ? 300 : 3_600) { return models[id] }
        asked = now()
        do {
            if let list: [ModelEntry] = try await get("/v1/models", asked: "read the models") {
                models = Dictionary(
                    list.filter { $0.canDoTextToSpeech != false }.map {
                        (
                            $0.modelId,
                            Model(
                                longest: $0.maximumTextLengthPerRequest,
                                creditsPerCharacter: $0.modelRates?.credits)
                        )
                    }
                ) { first, _ in first }
            }
        } catch {
            // Whether the service can be reached at all, the call that follows tells better.
            try Task.checkCancellation()
        }
        return models[id]
    }

    /// What is used of the credits, and when they come back; nil if the provider won't say.
    func credits() async throws -> (used: Int, of: Int, back: Date?)? {
        do {
            let subscription: Subscription? = try await get("/v1/user/subscription", asked: "read the subscription")
            return subscription.map {
                (
                    $0.characterCount, $0.characterLimit,
                    $0.nextCharacterCountResetUnix.map(Date.init(timeIntervalSince1970:))
                )
            }
        } catch {
            try Task.checkCancellation()
            return nil
        }
    }

    private func get<Answer: Decodable>(_ path: String, asked: String) async throws -> Answer? {
        let reply = try await line.send(
            HTTPCall(
                .GET, settings.base + path, headers: ["xi-api-key": settings.key.value], headTimeout: .seconds(10),
                timeout: .seconds(20)), asked: asked)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return reply.isSuccess ? try decoder.decode(Answer.self, from: Data(reply.body)) : nil
    }

    private struct ModelEntry: Decodable {
        struct Rates: Decodable {
            let characterCostMultiplier: Double
            let costDiscountMultiplier: Double?

            var credits: Double { characterCostMultiplier * (costDiscountMultiplier ?? 1) }
        }

        let modelId: String
        let canDoTextToSpeech: Bool?
        let maximumTextLengthPerRequest: Int?
        let modelRates: Rates?
    }

    private struct Subscription: Decodable {
        let characterCount: Int
        let characterLimit: Int
        let nextCharacterCountResetUnix: Double?
    }
}
