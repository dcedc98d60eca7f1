import Feeds
import Foundation
import HTTP
import OfflineScript
import Production
import ProviderPeers
import Testing

@testable import OpenAI

/// A peer, a channel with a source, and a writer between them.
struct Bench: Sendable {
    static let key = "sk-canary-0123456789abcdef"
    static let dear = OpenAIPeer.Model("gpt-dear", input: 2_000_000, cached: 200_000, output: 12_000_000, reasons: true)
    static let cheap = OpenAIPeer.Model("gpt-cheap", input: 200_000, cached: 20_000, output: 1_200_000, reasons: true)

    let peer: OpenAIPeer
    let server: PeerServer
    let spending: MemorySpending

    static func with(
        dialect: OpenAIPeer.Dialect = .openAI, day: MicroDollars = 10_000_000, video: MicroDollars = 10_000_000,
        _ body: @escaping @Sendable (Bench) async throws -> Void
    ) async throws {
        let peer = OpenAIPeer(key: dialect == .openAI ? key : nil, models: [dear, cheap], dialect: dialect)
        let spending = MemorySpending(day: day, video: video)
        try await PeerServer.with { request in
            peer.handle(request)
        } _: { server in
            try await body(Bench(peer: peer, server: server, spending: spending))
        }
    }

    static var prices: PriceList {
        var prices: [PriceList.Key: Price] = [:]
        for model in [dear, cheap] {
            for (item, micros) in [
                ("input_tokens", model.input), ("cached_input_tokens", model.cached), ("output_tokens", model.output),
            ] {
                prices[.init(provider: "openai", model: model.name, item: item)] = Price(
                    micros: micros, perUnits: 1_000_000)
            }
        }
        return PriceList(prices: prices, asOf: "2026-11-22")
    }

    func client(
        _ kind: ChatServer.Kind = .openAI, prices: PriceList = Self.prices, timeout: Duration = .seconds(20),
        now: @escaping @Sendable () -> Date = { Date(timeIntervalSince1970: 1_795_000_000) },
        change: (inout ChatServer) -> Void = { _ in }
    ) throws -> ChatClient {
        var chat = ChatServer(
            kind, base: "\(server.address)/v1/", key: kind == .openAI ? Secret(Self.key) : nil)
        change(&chat)
        return ChatClient(chat, by: try HTTPCaller(), prices: prices, timeout: timeout, now: now)
    }

    func writer(
        _ client: ChatClient, models: [String] = ["gpt-dear", "gpt-cheap"], share: Int = 0, offline: Bool = false,
        sameness: Double = ModelWriter.sameness
    ) throws -> ScriptwriterChain {
        let routing = try #require(
            ModelRouting(models.map { ChatModel($0, thinkingTokens: 500) }, cheaperShare: share))
        return ScriptwriterChain(
            reader: FeedReader(), ModelWriter(client, routing, sameness: sameness),
            then: offline ? [ExtractWriter()] : [])
    }

    /// The storyboard of one story, written with what the bench has.
    func write(
        _ writer: ScriptwriterChain, for candidates: [ScriptCandidate]? = nil
    ) async throws -> (storyboard: Storyboard, script: WrittenScript) {
        let candidates = try candidates ?? [Self.candidate()]
        let script = try await writer.write(for: candidates, spending: spending)
        guard case .written(let storyboard, _) = script.answer else { throw CocoaError(.featureUnsupported) }
        return (storyboard, script)
    }

    static func candidate(
        id: Int64 = 1, language: String = "en", length: Int = 60, brief: Channel.Brief = .none,
        whenShort: Channel.ShortOfMoney = .hold, past: [PastScript] = [], article: String = Self.article
    ) throws -> ScriptCandidate {
        let folder = FileManager.default.temporaryDirectory.appending(path: "openai-tests")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let name = "source-\(UInt64(bitPattern: StableHash.of(article))).md"
        let source = folder.appending(path: name)
        try Data(article.utf8).write(to: source, options: .atomic)
        return ScriptCandidate(
            channel: try channel(
                source.path(percentEncoded: false), id: id, language: language, length: length, brief: brief,
                whenShort: whenShort), usedItems: [], lastUsed: nil, past: past)
    }

    static func channel(
        _ source: String, id: Int64 = 1, language: String = "en", length: Int = 60, brief: Channel.Brief = .none,
        whenShort: Channel.ShortOfMoney = .hold
    ) throws -> Channel {
        let noon = try #require(TimeOfDay("12:00"))
        return Channel(
            id: .init(id), user: .init(1), name: "Small Wonders", slug: "channel-\(id)", source: source,
            language: language, voice: nil, orientation: .landscape, palette: .ocean, brief: brief,
            whenShort: whenShort,
            length: length, dailyAt: noon, review: false, state: .active, lastServed: nil)
    }

    /// A story as the writer gets it.
    static func story(_ article: String = Self.article, language: String = "en", length: Int = 60) throws -> SourceStory
    {
        let item = FeedItem(
            key: "k", title: "How glass became clear", link: "https://example.org/glass", author: "Ann Lee", date: nil,
            body: ItemBody(.markdown, article))
        let feed = Feed(format: .markdown, title: "The Lamp Room", link: nil, items: [item])
        return try #require(
            SourceStory(item: item, feed: feed, channel: channel("x", language: language, length: length)))
    }

    static let article = """
        # How glass became clear

        Glass was discovered by accident more than four thousand years ago. Sand, ash and lime melted together in a fire, and a
        new material remained. Nobody planned it, and for a long time nobody understood it.

        The oldest workshops stood in Mesopotamia. Craftsmen there cast beads and small bottles, which were traded like jewels.
        A single blue bead could cost as much as a sheep. Egyptian kings collected them by the thousand.

        About two thousand years ago, workers in Syria learned to blow glass through an iron pipe. That invention changed
        everything. A blower made in an hour what had taken a week before. Roman houses soon had windows, cups and lamps made
        of glass.

        Early glass was green or brown because of the iron in the sand. Venetian masters on the island of Murano found a cure
        around 1450. They added manganese, and the glass became clear. The recipe was a secret of the state, and whoever carried
        it abroad was hunted.

        Clear glass made lenses possible. Spectacles gave scholars twenty more years of reading. Galileo turned two lenses to the
        sky in 1609 and saw the moons of Jupiter. Microscopes opened the other direction, and bacteria came into view.

        Flat glass remained expensive until the twentieth century. In 1952, Alastair Pilkington poured molten glass onto a bath of
        liquid tin. The glass spread out into a perfect sheet, and 90 percent of all windows are made that way today. The
        keeper of the works museum calls it “the quiet revolution” and shows visitors the first sheet.
        """
}
