import Fleet
import Foundation
import Production
import ProviderPeers
import SpeechPeers
import Synchronization
import YouTube

/// The providers of a fleet that does its stages in earnest: peers in this process, which no worker's death touches.
final class FleetPeers: Sendable {
    let writer: OpenAIPeer
    let chat: PeerServer
    let speaker: ElevenLabsPeer
    let youTube: YouTubePeer
    /// Of a character that ElevenLabs speaks.
    private let character: Price
    private let serving: Mutex<[Task<Void, any Error>]>

    /// Keys of the peers; they let in nowhere else.
    private static let chatKey = "sk-drill-canary-0123456789abcdef"
    static let refreshToken = "1//drill-canary"
    private static let model = "gpt-5-mini"
    private static let voiceModel = "eleven_multilingual_v2"

    /// Listens and answers.
    static func start() async throws -> FleetPeers {
        let prices = try PriceFile.load(nil).list
        func price(_ item: String) throws -> Int64 {
            try prices.price(of: item, for: model, at: "openai").amount(for: 1_000_000)?.rawValue ?? 0
        }
        let writer = OpenAIPeer(
            key: chatKey,
            models: [
                try .init(
                    model, input: price("input_tokens"), cached: price("cached_input_tokens"),
                    output: price("output_tokens"))
            ])
        return FleetPeers(
            writer, try await PeerServer.bind { writer.handle($0) }, try await ElevenLabsPeer.bind(),
            try await YouTubePeer.bind(), try prices.price(of: "characters", for: voiceModel, at: "elevenlabs"))
    }

    private init(
        _ writer: OpenAIPeer, _ chat: PeerServer, _ speaker: ElevenLabsPeer, _ youTube: YouTubePeer, _ character: Price
    ) {
        (self.writer, self.chat, self.speaker, self.youTube) = (writer, chat, speaker, youTube)
        self.character = character
        serving = Mutex([])
        consent()
        // Unstructured, because they serve as long as the fleet works; `close` awaits them.
        serving.withLock { serving in
            serving = [chat, speaker.server, youTube.server].map { server in Task { try await server.run() } }
        }
    }

    /// The owner of the channel says yes, perhaps once more.
    func consent() {
        youTube.grant(Self.refreshToken, channel: "UC-drill", scopes: Set(GoogleScope.needed().map(\.rawValue)))
    }

    func close() async {
        let tasks = serving.withLock { $0 }
        for task in tasks { task.cancel() }
        for task in tasks { _ = await task.result }
    }

    /// What makes a fleet use them: the render stage alone is rehearsed, for no money passes there.
    func settings(in folder: URL) -> [String: String] {
        let account = ElevenLabsPeer.Account()
        return [
            "openai.key": Self.chatKey, "openai.base-url": "\(chat.address)/v1", "openai.models": Self.model,
            "elevenlabs.key": account.key, "elevenlabs.base-url": speaker.server.address,
            "elevenlabs.voices": account.voices.keys.sorted()[0], "elevenlabs.model": Self.voiceModel,
            "youtube.client-id": YouTubePeer.clientID, "youtube.client-secret": YouTubePeer.clientSecret,
            "youtube.base-url": youTube.server.address, "publish.to": "youtube", "testing.stages": "render",
            "secrets.key-file": folder.appending(path: "secret-keys").path,
        ]
    }

    /// What a provider says that it did and charged.
    struct Bill {
        var calls: Int
        var amount: MicroDollars
    }

    /// Those who are paid.
    static let paid: [ProviderName] = ["openai", "elevenlabs"]

    /// By the provider's own count and the price list.
    func bill(of provider: ProviderName) -> Bill {
        if provider == "openai" {
            let bill = writer.bill
            return Bill(calls: bill.calls, amount: MicroDollars(bill.amount))
        }
        let work = speaker.work
        return Bill(
            calls: work.count, amount: work.compactMap { character.amount(for: Int64($0.credits)) }.reduce(0, +))
    }

    /// How often each job's video is on the channel.
    var videosByMarker: [String: [PeerVideo]] {
        Dictionary(grouping: youTube.videos) { String($0.fileName.prefix { $0 != "." }) }
    }
}
