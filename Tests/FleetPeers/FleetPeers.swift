package import ProviderPeers
package import SpeechPeers

/// Every provider that a fleet asks over HTTP, on loopback ports: OpenAI, ElevenLabs, Pexels and YouTube.
package struct FleetPeers: Sendable {
    /// What lets in; nowhere else.
    package struct Keys: Sendable {
        package var openAI = "sk-demo-canary-0123456789abcdef"
        package var elevenLabs = "sk_peer_0123456789abcdef"
        package var pexels = "pexels-demo-canary-0123456789"

        package init() {}
    }

    package let keys: Keys
    package let chat: OpenAIPeer
    /// Where `chat` answers.
    package let writer: PeerServer
    package let speaker: ElevenLabsPeer
    package let pexels: PexelsPeer
    package let youTube: YouTubePeer

    /// The models that write, with the prices that the fleet's own list has.
    package static let models = [
        OpenAIPeer.Model("gpt-5-mini", input: 250_000, cached: 25_000, output: 2_000_000),
        OpenAIPeer.Model("gpt-5-nano", input: 50_000, cached: 5_000, output: 400_000),
    ]

    /// Serves for as long as `body` runs. Whoever says yes on the consent page has the channel `UC-demo`.
    ///
    /// - Parameter writing: what answers for OpenAI, which is handed over with each request.
    package static func with<Answer: Sendable>(
        _ keys: Keys = Keys(),
        writing: @escaping @Sendable (OpenAIPeer, PeerRequest) async throws -> PeerReply = { $0.handle($1) },
        _ body: @escaping @Sendable (FleetPeers) async throws -> Answer
    ) async throws -> Answer {
        let media = try StockPeerMedia()
        let chat = OpenAIPeer(key: keys.openAI, models: models)
        let writer = try await PeerServer.bind { try await writing(chat, $0) }
        var account = ElevenLabsPeer.Account()
        account.key = keys.elevenLabs
        let speaker = try await ElevenLabsPeer.bind(account)
        let pexels = try await PexelsPeer.bind(key: keys.pexels, media: media)
        return try await YouTubePeer.with { youTube in
            youTube.consenting(channel: "UC-demo")
            let peers = FleetPeers(
                keys: keys, chat: chat, writer: writer, speaker: speaker, pexels: pexels, youTube: youTube)
            return try await PeerServer.running([writer, speaker.server, pexels.server]) { try await body(peers) }
        }
    }

    /// The configuration that has a fleet ask them, by key.
    package var settings: [String: String] {
        let voices = ElevenLabsPeer.Account().voices.keys.sorted()
        return [
            "openai.key": keys.openAI, "openai.base-url": "\(writer.address)/v1",
            "openai.models": Self.models.map(\.name).joined(separator: " "),
            "elevenlabs.key": keys.elevenLabs, "elevenlabs.base-url": speaker.server.address,
            "elevenlabs.voices": voices.first ?? "",
            "stock.pexels.key": keys.pexels, "stock.pexels.url": pexels.photosURL,
            "stock.pexels.films-url": pexels.filmsURL,
            "youtube.client-id": YouTubePeer.clientID, "youtube.client-secret": YouTubePeer.clientSecret,
            "youtube.base-url": youTube.server.address,
        ]
    }
}
