import ArgumentParser
import Foundation
import Production
import ProviderPeers
import SpeechPeers
import UnixSignals

/// Runs loopback peers of all providers, for `make demo-providers`: real protocols, no accounts, no internet.
@main
struct ProviderHost: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "provider-host",
        abstract: "Runs loopback peers of OpenAI, ElevenLabs, Pexels and YouTube until it is told to stop.")

    @Option(help: "The configuration that makes a fleet use them is written here once all of them listen.")
    var settings: String
    @Option(help: "What they have counted is written here every second, and at the end.")
    var counts: String

    func run() async throws {
        let media = try StockPeerMedia()
        let chat = OpenAIPeer(
            key: Self.openAIKey,
            models: [
                OpenAIPeer.Model("gpt-5-mini", input: 250_000, cached: 25_000, output: 2_000_000),
                OpenAIPeer.Model("gpt-5-nano", input: 50_000, cached: 5_000, output: 400_000),
            ])
        let writer = try await PeerServer.bind { chat.handle($0) }
        let account = ElevenLabsPeer.Account()
        let speaker = try await ElevenLabsPeer.bind(account)
        let second = try await OpenAISpeechPeer.bind()
        let pexels = try await PexelsPeer.bind(key: Self.pexelsKey, media: media)
        try await YouTubePeer.with { youTube in
            youTube.consenting(channel: "UC-demo")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for server in [writer, speaker.server, second.server, pexels.server] {
                    group.addTask { try await server.run() }
                }
                let tell: @Sendable () -> String = {
                    """
                    openai      \(chat.bill.calls) scripts written, \(Self.dollars(chat.bill.amount)) USD billed
                    elevenlabs  \(speaker.work.count) passages spoken, \(speaker.creditsBilled) characters billed
                    openai      \(second.work.count) passages spoken
                    pexels      \(pexels.searches) searches, \(pexels.downloads) downloads
                    youtube     \(youTube.inserts) uploads begun, \(youTube.videos.count) videos, \(youTube.refreshes) tokens

                    """
                }
                let counts = counts
                group.addTask {
                    while true {
                        try Data(tell().utf8).write(to: URL(filePath: counts), options: .atomic)
                        try await Task.sleep(for: .seconds(1))
                    }
                }
                let text = configuration(
                    chat: writer.address, speaker: (speaker.server.address, account), second: second.server.address,
                    pexels: pexels, youTube: youTube.server.address)
                try Data(text.utf8).write(to: URL(filePath: settings), options: .atomic)
                for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) { break }
                try Data(tell().utf8).write(to: URL(filePath: counts), options: .atomic)
                group.cancelAll()
            }
        }
    }

    /// Keys of the peers; they let in nowhere else.
    private static let openAIKey = "sk-demo-canary-0123456789abcdef"
    private static let pexelsKey = "pexels-demo-canary-0123456789"

    private func configuration(
        chat: String, speaker: (address: String, account: ElevenLabsPeer.Account), second: String, pexels: PexelsPeer,
        youTube: String
    ) -> String {
        let voices = speaker.account.voices.keys.sorted()
        return """
            openai:
              key: \(Self.openAIKey)
              base-url: \(chat)/v1
              models: gpt-5-mini gpt-5-nano
            elevenlabs:
              key: \(speaker.account.key)
              base-url: \(speaker.address)
              voices: \(voices[0])
            stock:
              pexels:
                key: \(Self.pexelsKey)
                url: \(pexels.photosURL)
                films-url: \(pexels.filmsURL)
            youtube:
              client-id: \(YouTubePeer.clientID)
              client-secret: \(YouTubePeer.clientSecret)
              base-url: \(youTube)

            """
    }

    private static func dollars(_ micros: Int64) -> String { MicroDollars(micros).description }
}
