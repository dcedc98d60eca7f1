package import Production

/// Models that would cost money nobody could reckon: none of them is asked, and whoever would ask does not start.
extension FleetConfiguration {
    /// Of the models that write scripts, those whose tokens have no price.
    package func unpricedModels(in prices: PriceList) -> [ConfigurationProblem] {
        guard openAI.kind == .openAI, openAI.key != nil else { return [] }
        return openAI.models.filter { !prices.knows(["input_tokens", "output_tokens"], for: $0, at: "openai") }
            .map {
                ConfigurationProblem(
                    key: "openai.models", source: nil, found: $0,
                    expected: "the price list of \(prices.asOf) has no price for it: add openai.\($0)")
            }
    }

    /// Of the models that speak and may be asked by `voice.order`, those whose characters have no price.
    package func unpricedVoices(in prices: PriceList) -> [ConfigurationProblem] {
        var asked: [(key: String, provider: ProviderName, model: String)] = []
        if elevenLabs.key != nil { asked.append(("elevenlabs.model", "elevenlabs", elevenLabs.model)) }
        if openAI.kind == .openAI, openAI.key != nil, let model = openAI.speech.model {
            asked.append(("openai.speech-model", "openai", model))
        }
        return asked.filter {
            voice.order.contains($0.provider) && !prices.knows(["characters"], for: $0.model, at: $0.provider)
        }.map {
            ConfigurationProblem(
                key: $0.key, source: nil, found: $0.model,
                expected:
                    "the price list of \(prices.asOf) has no price of its characters: add \($0.provider).\($0.model)")
        }
    }
}
