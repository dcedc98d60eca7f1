import Foundation
import HTTP
import Production
import ProviderCalling
import ProviderPeers
import Synchronization
import Testing

@testable import YouTube

/// What a test needs to publish: a peer with an account, books in memory, a clock that stands, and files.
struct Studio: Sendable {
    let peer: YouTubePeer
    let accounts: MemoryAccounts
    let quotas: MemoryQuotas
    let log: MemoryPublication
    let clock: StandingClock
    let folder: URL
    let settings: YouTubeSettings
    let line: ProviderLine

    static let marker = "ytempire-7"
    static let readAndWrite: Set<String> = Set(GoogleScope.allCases.map(\.rawValue))
    static let refreshToken = "1//canary-refresh-token"

    /// - Parameter scopes: what the account's owner has allowed.
    static func open<Answer: Sendable>(
        scopes: Set<String> = Studio.readAndWrite, _ body: @escaping @Sendable (Studio) async throws -> Answer
    ) async throws -> Answer {
        let clock = StandingClock()
        let folder = FileManager.default.temporaryDirectory.appending(path: "youtube-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await YouTubePeer.with(clock.reader) { peer in
            let settings = YouTubeSettings(
                client: GoogleClient(id: YouTubePeer.clientID, secret: Secret(YouTubePeer.clientSecret)),
                endpoints: GoogleEndpoints(base: peer.server.address))
            let studio = Studio(
                peer: peer, accounts: MemoryAccounts(now: { clock.now }), quotas: MemoryQuotas(now: { clock.now }),
                log: MemoryPublication(now: { clock.now }), clock: clock, folder: folder, settings: settings,
                line: ProviderLine(
                    to: YouTubeSettings.provider, by: try HTTPCaller(), secrets: [Secret(YouTubePeer.clientSecret)],
                    now: { clock.now }))
            peer.grant(refreshToken, scopes: scopes)
            await studio.accounts.connect(1, name: "first", for: [.init(3)], refreshToken: Secret(refreshToken))
            let answer = try await body(studio)
            #expect(peer.complaints == [], "the peer saw something that YouTube's documentation forbids")
            return answer
        }
    }

    var publisher: YouTubePublisher {
        YouTubePublisher(
            settings, over: line, accounts: accounts, quotas: quotas, now: { clock.now }, sleep: { clock.slept($0) })
    }

    func publish(_ publication: Publication) async throws -> PublishedVideo {
        try await publisher.publish(publication, log: log)
    }

    /// As the upload stage does after a crash: look first, then go on.
    func comeBack(_ publication: Publication) async throws -> PublishedVideo {
        _ = try await publisher.lookUp(marker: publication.marker, channel: publication.channel, log: log)
        return try await publisher.publish(publication, log: log)
    }

    func publication(
        bytes: Int = 300_000, publishing: Channel.Publishing = .standard, publishAt: Date? = nil, thumbnail: Int = 1_000
    ) throws -> Publication {
        let (video, picture, captions) = (
            folder.appending(path: "video.mp4"), folder.appending(path: "a.jpg"), folder.appending(path: "a.srt")
        )
        if !FileManager.default.fileExists(atPath: video.path) {
            let random = try #require(FileHandle(forReadingAtPath: "/dev/urandom"))
            try #require(try random.read(upToCount: bytes)).write(to: video)
        }
        try Data([0xFF, 0xD8] + [UInt8](repeating: 7, count: thumbnail)).write(to: picture)
        try Data("1\n00:00:00,000 --> 00:00:01,000\nHello\n".utf8).write(to: captions)
        let channel = Channel(
            id: .init(3), user: .init(2), name: "Towers", slug: "towers", source: "feed", language: "en-GB", voice: nil,
            orientation: .landscape, palette: .ocean, publishing: publishing, length: 90, dailyAt: .midnight,
            review: false, state: .active, lastServed: nil)
        let story = Storyboard(
            title: "A tower", description: "About a tower.\n\nSource: example.org", tags: ["tower", "old stones"],
            language: "en-GB", source: .init(key: "1", title: "Tower", link: nil, author: nil), scenes: [])
        return Publication(
            marker: Self.marker, job: .init(7), channel: channel, userName: "anna", productionDay: "2026-11-21",
            publishedAt: clock.now, storyboard: story, duration: 60, width: 1_920, height: 1_080, video: video,
            thumbnail: picture, captions: captions, publishAt: publishAt)
    }

    func sha256(_ publication: Publication) throws -> String { try FileHash.sha256(publication.video) }

    /// The kind of failure that something ends with.
    func failure(_ body: () async throws -> Void) async throws -> StageFailure {
        do {
            try await body()
        } catch let failure as StageFailure {
            let shown = "\(failure) \(String(reflecting: failure))"
            #expect(!shown.contains("canary"), "no secret in a failure")
            return failure
        }
        throw Unfailed()
    }

    struct Unfailed: Error {}
}

/// A clock that stands still until it is moved, and notes what was slept for.
final class StandingClock: Sendable {
    private let state = Mutex((now: Date(timeIntervalSince1970: 1_795_000_000), slept: [Duration]()))

    var now: Date { state.withLock { $0.now } }
    var reader: @Sendable () -> Date { { self.now } }
    var slept: [Duration] { state.withLock { $0.slept } }
    func advance(_ seconds: TimeInterval) { state.withLock { $0.now += seconds } }
    func slept(_ duration: Duration) { state.withLock { $0.slept.append(duration) } }
}
