import FoundationEssentials

/// A chat completion, as far as it is read.
struct ChatAnswer: Sendable, Equatable {
    struct Usage: Sendable, Equatable {
        var prompt: Int64
        var completion: Int64
        /// Within `prompt`.
        var cached: Int64 = 0
        /// Within `prompt`.
        var cacheWritten: Int64 = 0
    }

    enum Outcome: Sendable, Equatable {
        case text(String)
        /// The model's own words.
        case refused(String)
        /// It broke off at the limit of tokens; never parsed.
        case truncated
        case filtered
    }

    let model: String?
    let outcome: Outcome
    /// Nil where the server tells none, or tells nonsense.
    let usage: Usage?
    /// The tier that it was really served by.
    let tier: String?

    /// Nil if the bytes are no chat completion.
    init?(_ body: [UInt8]) {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let wire = try? decoder.decode(Wire.self, from: Data(body)), let choice = wire.choices.first else {
            return nil
        }
        model = wire.model
        tier = wire.serviceTier
        // The order in which OpenAI has them read: a refusal may come with any reason to finish.
        if let refusal = choice.message.refusal, !refusal.isEmpty {
            outcome = .refused(refusal)
        } else if choice.finishReason == "length" {
            outcome = .truncated
        } else if choice.finishReason == "content_filter" {
            outcome = .filtered
        } else {
            outcome = .text(choice.message.content ?? "")
        }
        usage = wire.usage.flatMap { usage in
            let (cached, written) = (
                usage.promptTokensDetails?.cachedTokens ?? 0, usage.promptTokensDetails?.cacheWriteTokens ?? 0
            )
            guard usage.promptTokens >= 0, usage.completionTokens >= 0, cached >= 0, written >= 0,
                cached <= usage.promptTokens, written <= usage.promptTokens - cached
            else { return nil }
            return Usage(
                prompt: usage.promptTokens, completion: usage.completionTokens, cached: cached, cacheWritten: written)
        }
    }

    private struct Wire: Decodable {
        struct Choice: Decodable {
            struct Message: Decodable {
                var content: String?
                var refusal: String?
            }

            var message: Message
            var finishReason: String?
        }

        struct Usage: Decodable {
            struct Details: Decodable {
                var cachedTokens: Int64?
                var cacheWriteTokens: Int64?
            }

            var promptTokens: Int64
            var completionTokens: Int64
            var promptTokensDetails: Details?
        }

        var choices: [Choice]
        var model: String?
        var serviceTier: String?
        var usage: Usage?

        enum Key: CodingKey { case choices, model, serviceTier, usage }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            choices = try container.decode([Choice].self, forKey: .choices)
            model = try container.decodeIfPresent(String.self, forKey: .model)
            serviceTier = try container.decodeIfPresent(String.self, forKey: .serviceTier)
            // A bill that can't be read must not lose what was bought.
            usage = try? container.decode(Usage.self, forKey: .usage)
        }
    }
}
