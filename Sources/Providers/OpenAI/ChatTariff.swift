import FoundationEssentials
import Production

/// What calls of a server cost: before they are made, at the most, and after, by what was used.
struct ChatTariff: Sendable {
    private let server: ChatServer
    private let prices: PriceList
    private let ids: @Sendable () -> UUID

    init(_ server: ChatServer, prices: PriceList, ids: @escaping @Sendable () -> UUID) {
        (self.server, self.prices, self.ids) = (server, prices, ids)
    }

    /// What servers put around messages of their own, in tokens.
    private static let around: Int64 = 256

    /// The most that a request may cost. A token is never less than a byte, so the body's bytes bound the prompt's tokens.
    ///
    /// - Throws: a permanent `StageFailure` for a price that is not known.
    func upperBound(bytes: Int, tokens: Int, model: String) throws(StageFailure) -> MicroDollars {
        guard server.isPaid else { return .zero }
        var most = MicroDollars.zero
        for name in [model] + (server.tier.map { [named(model, $0)] } ?? []) {
            // Cached tokens are cheaper than others; what is written into a cache may be dearer.
            let input = [price("input_tokens", name), price("cache_write_tokens", name)].compactMap(\.self)
            guard let output = price("output_tokens", name), !input.isEmpty else { continue }
            let amounts = input.map { $0.amount(for: Int64(bytes) + Self.around) }
            guard let dearest = amounts.allSatisfy({ $0 != nil }) ? amounts.compactMap(\.self).max() : nil,
                let written = output.amount(for: Int64(tokens))
            else { throw overflow(model) }
            most = max(most, dearest + written)
        }
        // Says which price is missing.
        _ = try prices.price(of: "input_tokens", for: model, at: server.provider)
        _ = try prices.price(of: "output_tokens", for: model, at: server.provider)
        return most
    }

    /// The rows of an answer; where it tells no usage, those of the most it can have used.
    func costs(of answer: ChatAnswer, bytes: Int, tokens: Int, model: String) throws(StageFailure) -> [CostEntry] {
        guard server.isPaid else { return [] }
        let usage =
            answer.usage ?? ChatAnswer.Usage(prompt: Int64(bytes) + Self.around, completion: Int64(tokens))
        let plain = try prices.price(of: "input_tokens", for: model, at: server.provider)
        let written = try prices.price(of: "output_tokens", for: model, at: server.provider)
        var input = plain
        var (cached, output) = (price("cached_input_tokens", model) ?? plain, written)
        var cacheWrite = price("cache_write_tokens", model) ?? plain
        if let tier = answer.tier {
            input = price("input_tokens", named(model, tier)) ?? input
            cached = price("cached_input_tokens", named(model, tier)) ?? cached
            output = price("output_tokens", named(model, tier)) ?? output
            cacheWrite = price("cache_write_tokens", named(model, tier)) ?? cacheWrite
        }
        let lines: [(String, Int64, Price)] = [
            ("input_tokens", usage.prompt - usage.cached - usage.cacheWritten, input),
            ("cached_input_tokens", usage.cached, cached), ("cache_write_tokens", usage.cacheWritten, cacheWrite),
            ("output_tokens", usage.completion, output),
        ]
        var entries: [CostEntry] = []
        for (item, quantity, price) in lines where quantity > 0 {
            guard
                let entry = CostEntry(
                    id: ids(), provider: server.provider, item: item, quantity: quantity, unit: "tokens", price: price)
            else { throw overflow(model) }
            entries.append(entry)
        }
        return entries
    }

    /// A model's name in the price list where a tier has prices of its own: `gpt-5.4@flex`.
    private func named(_ model: String, _ tier: String) -> String { "\(model)@\(tier)" }

    private func price(_ item: String, _ model: String) -> Price? {
        prices.prices[PriceList.Key(provider: server.provider, model: model, item: item)]
    }

    private func overflow(_ model: String) -> StageFailure {
        StageFailure(
            .permanent, provider: server.provider, asked: "price a call of \(model)",
            answer: "the amount does not fit; look at its prices")
    }
}
