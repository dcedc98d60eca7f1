/// What providers charge: dated configuration. A price that is not here is an error, never zero.
package struct PriceList: Sendable, Equatable {
    /// One price: of an item (`input_tokens`, `cached_input_tokens`, `output_tokens`, `characters`, `call`) of a provider's
    /// model.
    package struct Key: Sendable, Hashable {
        package let provider: ProviderName
        /// A model's or an endpoint's name.
        package let model: String
        package let item: String

        package init(provider: ProviderName, model: String, item: String) {
            (self.provider, self.model, self.item) = (provider, model, item)
        }
    }

    package let prices: [Key: Price]
    /// `YYYY-MM-DD` on which a person last looked the prices up.
    package let asOf: String

    package init(prices: [Key: Price], asOf: String) { (self.prices, self.asOf) = (prices, asOf) }

    /// - Throws: a permanent `StageFailure` that says which price is missing and where to put it.
    package func price(of item: String, for model: String, at provider: ProviderName) throws(StageFailure) -> Price {
        guard let price = prices[Key(provider: provider, model: model, item: item)] else {
            throw StageFailure(
                .permanent, provider: provider, asked: "look up the price of \(model)",
                answer: "the price list of \(asOf) has no \(item) for it; add prices.\(provider).\(model).\(item)")
        }
        return price
    }

    /// Whether everything that a call of the model may be billed by has its price.
    package func knows(_ items: [String], for model: String, at provider: ProviderName) -> Bool {
        items.allSatisfy { prices[Key(provider: provider, model: model, item: $0)] != nil }
    }
}
