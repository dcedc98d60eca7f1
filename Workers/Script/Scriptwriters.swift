import Feeds
import Fleet
import Foundation
import HTTP
import OfflineScript
import OpenAI
import Production

extension FleetConfiguration {
    /// Who writes: a language model where one is set up, in the end extraction; else extraction alone.
    ///
    /// - Throws: `ConfigurationError` if a model that costs money has no price.
    func scriptwriter(by caller: HTTPCaller) throws -> any Scriptwriter {
        let reader = FeedReader(allowPrivateAddresses: allowPrivateSources)
        guard openAI.isSetUp, let routing = modelRouting else { return OfflineScriptwriter(reader: reader) }
        let prices = try PriceFile.load(priceFile).list
        let problems = unpricedModels(in: prices)
        guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
        let writer = ModelWriter(
            ChatClient(chatServer, by: caller, prices: prices), routing, sameness: Double(openAI.sameness) / 100)
        return ScriptwriterChain(reader: reader, writer, then: [ExtractWriter()])
    }

    private var modelRouting: ModelRouting? {
        ModelRouting(
            openAI.models.map {
                ChatModel(
                    $0, reasoningEffort: openAI.reasoningEffort, thinkingTokens: openAI.thinkingTokens,
                    temperature: openAI.temperature)
            }, cheaperShare: openAI.cheaperShare)
    }

    private var chatServer: ChatServer {
        let kind: ChatServer.Kind =
            switch openAI.kind {
            case .openAI: .openAI
            case .ollama: .ollama
            case .llamaCpp: .llamaCpp
            case .vLLM: .vLLM
            }
        var server = ChatServer(kind, base: openAI.baseURL, key: openAI.key)
        (server.organization, server.project) = (openAI.organization, openAI.project)
        return server
    }
}
