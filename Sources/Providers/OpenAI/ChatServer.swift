package import Production

/// A server that speaks OpenAI's chat protocol, and in which dialect: OpenAI itself, or Ollama, llama.cpp, vLLM and the like.
package struct ChatServer: Sendable {
    /// Where the largest number of tokens to write is said.
    package enum TokenLimit: String, Sendable, CaseIterable {
        case maxCompletionTokens = "max_completion_tokens"
        /// Deprecated by OpenAI and refused by its reasoning models; all that Ollama reads.
        case maxTokens = "max_tokens"
    }

    /// How the shape of the answer is asked for.
    package enum AnswerShape: String, Sendable, CaseIterable {
        /// `json_schema`, as OpenAI nests it.
        case schema = "json_schema"
        /// The same, and the schema beside `type` too: builds of llama.cpp read the one or the other.
        case schemaTwice = "json_schema_twice"
        /// Any JSON object; the shape is only described in words.
        case object = "json_object"
    }

    package enum Role: String, Sendable { case developer, system }

    package let provider: ProviderName
    /// With the version, without a slash at its end: `https://api.openai.com/v1`.
    package let base: String
    /// Nil where none is wanted.
    package var key: Secret?
    package var organization: String?
    package var project: String?
    package var tokenLimit: TokenLimit
    package var answerShape: AnswerShape
    /// Of the message with the rules.
    package var rules: Role
    /// Asked for, so that the answer can't be of a dearer one; nil asks for none.
    package var tier: String?
    /// Whether its tokens cost money. Where they don't, nothing is reserved and no price is needed.
    package var isPaid: Bool
    /// How much of a source is sent, in characters.
    package var sourceLimit: Int

    private init(
        _ provider: ProviderName, base: String, key: Secret?, tokenLimit: TokenLimit, answerShape: AnswerShape,
        rules: Role, tier: String?, isPaid: Bool, sourceLimit: Int
    ) {
        self.provider = provider
        self.base = String(base.reversed().drop { $0 == "/" }.reversed())
        (self.key, self.tokenLimit, self.answerShape) = (key, tokenLimit, answerShape)
        (self.rules, self.tier, self.isPaid, self.sourceLimit) = (rules, tier, isPaid, sourceLimit)
    }

    /// The kinds of server whose differences are known.
    package enum Kind: String, Sendable, CaseIterable {
        case openAI = "openai"
        case ollama
        case llamaCpp = "llama.cpp"
        case vLLM = "vllm"
    }

    package init(
        _ kind: Kind, provider: ProviderName? = nil, base: String? = nil, key: Secret? = nil
    ) {
        switch kind {
        case .openAI:
            self.init(
                provider ?? "openai", base: base ?? "https://api.openai.com/v1", key: key,
                tokenLimit: .maxCompletionTokens, answerShape: .schema, rules: .developer, tier: "default",
                isPaid: true,
                sourceLimit: 12_000)
        case .ollama:
            // Its context is set in the model's file, often to 4,096 tokens, and what is longer is cut without a word.
            self.init(
                provider ?? "ollama", base: base ?? "http://localhost:11434/v1", key: key, tokenLimit: .maxTokens,
                answerShape: .schema, rules: .system, tier: nil, isPaid: false, sourceLimit: 6_000)
        case .llamaCpp:
            self.init(
                provider ?? "llama.cpp", base: base ?? "http://localhost:8080/v1", key: key, tokenLimit: .maxTokens,
                answerShape: .schemaTwice, rules: .system, tier: nil, isPaid: false, sourceLimit: 8_000)
        case .vLLM:
            self.init(
                provider ?? "vllm", base: base ?? "http://localhost:8000/v1", key: key, tokenLimit: .maxTokens,
                answerShape: .schema, rules: .system, tier: nil, isPaid: false, sourceLimit: 8_000)
        }
    }
}

/// A model, and how it is asked.
package struct ChatModel: Sendable, Equatable {
    package let name: String
    /// `none`, `minimal`, `low` … as far as the model takes it; nil leaves it to the model.
    package var reasoningEffort: String?
    /// Tokens that it may write beside the script itself: a reasoning model thinks before it writes, and that is billed as output.
    package var thinkingTokens: Int
    /// 0 to 2; nil leaves it to the model. Reasoning models refuse one.
    package var temperature: Double?

    package init(
        _ name: String, reasoningEffort: String? = nil, thinkingTokens: Int = 4_000, temperature: Double? = nil
    ) {
        (self.name, self.reasoningEffort) = (name, reasoningEffort)
        (self.thinkingTokens, self.temperature) = (thinkingTokens, temperature)
    }
}
