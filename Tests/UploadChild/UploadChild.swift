import Foundation
import HTTP
import Production
import ProviderCalling
import ProviderPeers
import YouTube

/// Uploads one file to a YouTube peer and says how much memory that took: a process of its own, in which nothing else is counted.
///
///     UploadChild http://127.0.0.1:PORT REFRESH-TOKEN FILE
///
/// Prints the video's id and the most kilobytes that were in memory at once.
@main
enum UploadChild {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 4 else { throw Usage() }
        let settings = YouTubeSettings(
            client: GoogleClient(id: YouTubePeer.clientID, secret: Secret(YouTubePeer.clientSecret)),
            endpoints: GoogleEndpoints(base: arguments[1]))
        let accounts = MemoryAccounts()
        await accounts.connect(1, name: "only", for: [.init(1)], refreshToken: Secret(arguments[2]))
        let line = ProviderLine(to: YouTubeSettings.provider, by: try HTTPCaller(), secrets: [])
        let publisher = YouTubePublisher(settings, over: line, accounts: accounts, quotas: MemoryQuotas())
        let channel = Channel(
            id: .init(1), user: .init(1), name: "Memory", slug: "memory", source: "", language: "en", voice: nil,
            orientation: .landscape, palette: .ocean, length: 90, dailyAt: .midnight, review: false, state: .active,
            lastServed: nil)
        let story = Storyboard(
            title: "Large", description: "Large", tags: [], language: "en",
            source: .init(key: "1", title: "Large", link: nil, author: nil), scenes: [])
        let file = URL(filePath: arguments[3])
        let video = try await publisher.publish(
            Publication(
                marker: "ytempire-1", job: .init(1), channel: channel, userName: "anna", productionDay: "2026-11-22",
                publishedAt: Date(), storyboard: story, duration: 60, width: 1_920, height: 1_080, video: file,
                thumbnail: URL(filePath: "/nowhere"), captions: URL(filePath: "/nowhere")), log: MemoryPublication())
        print(video.remoteID, try residentPeak())
    }

    struct Usage: Error {}

    /// `VmHWM` of `/proc/self/status`, kB.
    private static func residentPeak() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line?.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }.first ?? 0
    }
}
