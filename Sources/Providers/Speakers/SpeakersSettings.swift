package import HTTP
package import Production

/// Which voices there are besides those of this machine, and in which order they are asked.
package struct SpeakersSettings: Sendable {
    /// Nil: there is no key.
    package var elevenLabs: ElevenLabsSettings?
    /// Nil: there is neither a key nor a server of one's own.
    package var openAI: OpenAISpeechSettings?
    /// Providers that are not set up are passed over.
    package var order: [ProviderName]

    package static let usualOrder: [ProviderName] = ["elevenlabs", "openai", "command", "offline"]

    package init(
        elevenLabs: ElevenLabsSettings? = nil, openAI: OpenAISpeechSettings? = nil, order: [ProviderName] = usualOrder
    ) {
        (self.elevenLabs, self.openAI, self.order) = (elevenLabs, openAI, order)
    }

    /// All voices in their order.
    ///
    /// - Parameter local: those of this machine: a command, the offline one.
    package func chain(local: [any Narrator], prices: PriceList, caller: HTTPCaller) -> NarratorChain {
        var all = local
        if let elevenLabs { all.append(ElevenLabsNarrator(elevenLabs, prices: prices, caller: caller)) }
        if let openAI { all.append(OpenAINarrator(openAI, prices: prices, caller: caller)) }
        return NarratorChain(order.compactMap { name in all.first { $0.provider == name } })
    }
}
