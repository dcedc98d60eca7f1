package import Feeds
package import HTTP
package import Production

/// What a configuration says of the language models that write scripts. Nil leaves a thing to what is known of the kind of
/// server.
package struct ModelSettings: Sendable {
    package var kind: ChatServer.Kind
    /// The name in the ledger and the price list; nil: the kind's.
    package var provider: ProviderName?
    /// With the version: `https://api.openai.com/v1`.
    package var base: String?
    package var key: Secret?
    package var organization: String?
    package var project: String?
    package var tokenLimit: ChatServer.TokenLimit?
    package var answerShape: ChatServer.AnswerShape?
    /// Whether its tokens have prices in the price list.
    package var isPaid: Bool?
    /// Characters of a source that are sent.
    package var sourceLimit: Int?
    /// The primary first.
    package var models: [ChatModel]
    /// Stories of a hundred that go to the cheapest model first.
    package var cheaperShare: Int
    /// From this resemblance on, 0 to 1, a script is too much like an earlier one.
    package var sameness: Double
    /// Of one call.
    package var timeout: Duration

    package init(
        _ kind: ChatServer.Kind, models: [ChatModel], key: Secret? = nil, base: String? = nil, cheaperShare: Int = 60,
        sameness: Double = ModelWriter.sameness, timeout: Duration = .seconds(180)
    ) {
        (self.kind, self.models, self.key, self.base) = (kind, models, key, base)
        (self.cheaperShare, self.sameness, self.timeout) = (cheaperShare, sameness, timeout)
    }

    package var server: ChatServer {
        var server = ChatServer(kind, provider: provider, base: base, key: key)
        (server.organization, server.project) = (organization, project)
        if let tokenLimit { server.tokenLimit = tokenLimit }
        if let answerShape { server.answerShape = answerShape }
        if let isPaid { server.isPaid = isPaid }
        if let sourceLimit { server.sourceLimit = sourceLimit }
        return server
    }

    /// The scriptwriter of a fleet with language models: their scripts, and where a channel's policy goes down to the cheapest,
    /// extraction. Nil without a model.
    package func scriptwriter(
        reader: FeedReader, by caller: HTTPCaller, prices: PriceList
    ) -> ScriptwriterChain? {
        guard let routing = ModelRouting(models, cheaperShare: cheaperShare) else { return nil }
        let client = ChatClient(server, by: caller, prices: prices, timeout: timeout)
        return ScriptwriterChain(
            reader: reader, ModelWriter(client, routing, sameness: sameness), then: [ExtractWriter()])
    }
}
