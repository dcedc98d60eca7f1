import ArgumentParser
import FleetPeers
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
        let (settings, counts) = (settings, counts)
        try await FleetPeers.with { peers in
            try await withThrowingTaskGroup(of: Void.self) { group in
                let tell: @Sendable () -> String = {
                    """
                    openai      \(peers.chat.bill.calls) scripts written, \(MicroDollars(peers.chat.bill.amount)) USD billed
                    elevenlabs  \(peers.speaker.work.count) passages spoken, \(peers.speaker.creditsBilled) characters billed
                    pexels      \(peers.pexels.searches) searches, \(peers.pexels.downloads) downloads
                    youtube     \(peers.youTube.inserts) uploads begun, \(peers.youTube.videos.count) videos, \
                    \(peers.youTube.refreshes) tokens

                    """
                }
                group.addTask {
                    while true {
                        try Data(tell().utf8).write(to: URL(filePath: counts), options: .atomic)
                        try await Task.sleep(for: .seconds(1))
                    }
                }
                let text = Self.yaml(peers.settings)
                try Data(text.utf8).write(to: URL(filePath: settings), options: .atomic)
                for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) { break }
                try Data(tell().utf8).write(to: URL(filePath: counts), options: .atomic)
                group.cancelAll()
            }
        }
    }

    /// `a.b: c` as a mapping in a mapping.
    private static func yaml(_ settings: [String: String]) -> String {
        let sections = Dictionary(grouping: settings) { String($0.key.prefix { $0 != "." }) }
        return sections.sorted { $0.key < $1.key }.map { section, entries in
            "\(section):\n"
                + entries.sorted { $0.key < $1.key }.map { key, value in
                    "  \(key.dropFirst(section.count + 1)): '\(value.replacing("'", with: "''"))'\n"
                }.joined()
        }.joined()
    }
}
