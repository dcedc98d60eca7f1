import Crypto
package import Foundation
import NIOHTTP1
import Synchronization

/// YouTube and Google's OAuth on one loopback port, as far as this fleet uses them: strict about methods, headers, JSON, ranges,
/// tokens and scopes, and counting everything. Faults are set on `server`.
package final class YouTubePeer: Sendable {
    package let server: PeerServer
    let state: YouTubeState

    private init(_ server: PeerServer, _ state: YouTubeState) { (self.server, self.state) = (server, state) }

    package static let clientID = "123456789012-abcdef.apps.googleusercontent.com"
    package static let clientSecret = "GOCSPX-canary-0123456789abcdef"

    /// Serves for as long as `body` runs.
    package static func with<Answer: Sendable>(
        _ now: @escaping @Sendable () -> Date = { Date() }, port: Int = 0,
        _ body: @escaping @Sendable (YouTubePeer) async throws -> Answer
    ) async throws -> Answer {
        let state = YouTubeState(now: now)
        return try await PeerServer.with(
            port: port, streaming: { YouTubeUploadSink($0, state) },
            handling: { await YouTubeRoutes(state: state).answer($0) }, { try await body(YouTubePeer($0, state)) })
    }

    /// One that listens already; its server's `run()` has it answer.
    package static func bind(_ now: @escaping @Sendable () -> Date = { Date() }, port: Int = 0) async throws
        -> YouTubePeer
    {
        let state = YouTubeState(now: now)
        let routes = YouTubeRoutes(state: state)
        let server = try await PeerServer.bind(
            port: port, streaming: { YouTubeUploadSink($0, state) }, { await routes.answer($0) })
        return YouTubePeer(server, state)
    }

    /// A YouTube channel with a consent that was given: its refresh token.
    package func grant(
        _ refreshToken: String, channel: String = "UC-peer", title: String = "Peer", scopes: Set<String>
    ) {
        state.contents.withLock { $0.grants[refreshToken] = .init(channel: channel, title: title, scopes: scopes) }
    }

    /// Whoever says yes on the consent page has this channel; nil for a Google account without one.
    package func consenting(channel: String?, leavingOut scopes: Set<String> = [], refusing: Bool = false) {
        state.contents.withLock { $0.person = .init(channel: channel, leavesOut: scopes, refuses: refusing) }
    }

    package func revokeGrant(_ refreshToken: String) {
        state.contents.withLock { $0.grants[refreshToken] = nil }
        expireTokens()
    }

    /// No access token that was given so far is taken any more.
    package func expireTokens() { state.contents.withLock { $0.tokens = [:] } }

    /// Upload sessions that are open are known no more.
    package func expireSessions() { state.contents.withLock { $0.uploads = [:] } }

    /// The next question about an upload is answered with another address; the old one is then gone.
    package func moveNextSession() { state.contents.withLock { $0.moves = true } }

    /// When the connection breaks next, an upload keeps only so much of what was confirmed: a multiple of 256 KiB.
    package func forget(to place: Int64) { state.contents.withLock { $0.forgetsTo = place } }

    /// Lists tell nothing of videos that were uploaded since.
    package func hideNewVideos(_ hidden: Bool = true) { state.contents.withLock { $0.hidesNew = hidden } }

    package func showAllVideos() {
        state.contents.withLock { contents in
            contents.hidesNew = false
            for index in contents.videos.indices { contents.videos[index].isHidden = false }
        }
    }

    /// YouTube makes something else of a video's status than it was told.
    package func distort(_ change: @escaping @Sendable (inout PeerVideo.Status) -> Void) {
        state.contents.withLock { $0.distortion = change }
    }

    /// Puts an older video into a channel.
    package func add(_ video: PeerVideo) { state.contents.withLock { $0.videos.append(video) } }

    package func makePlaylist(_ id: String) { state.contents.withLock { $0.playlists[id] = [] } }

    package var videos: [PeerVideo] { state.contents.withLock { $0.videos } }
    package func playlist(_ id: String) -> [String] { state.contents.withLock { $0.playlists[id] ?? [] } }
    package var thumbnails: [String: Int] { state.contents.withLock { $0.thumbnails } }
    /// `VIDEO LANGUAGE NAME`
    package var captions: Set<String> { state.contents.withLock { $0.captions } }
    package var refreshes: Int { state.contents.withLock { $0.refreshes } }
    package var revocations: [String] { state.contents.withLock { $0.revoked } }
    /// Sessions that were opened: what the uploads bucket counts.
    package var inserts: Int { state.contents.withLock { $0.inserts } }
    /// Whatever a client did that the real one's documentation forbids.
    package var complaints: [String] { state.contents.withLock { $0.complaints } }

    /// Where each part of the uploads began, how many bytes came in all, and how many of those were confirmed already.
    package var transfers: [(starts: [Int64], received: Int64, again: Int64)] {
        state.contents.withLock { $0.everyUpload }.map { upload in
            upload.state.withLock { ($0.starts, $0.received, $0.again) }
        }
    }
}

/// A video as the peer keeps it.
package struct PeerVideo: Sendable, Codable, Equatable {
    package struct Snippet: Sendable, Codable, Equatable {
        package var title: String
        package var description: String?
        package var tags: [String]?
        package var categoryId: String?
        package var defaultLanguage: String?
        package var defaultAudioLanguage: String?
    }

    package struct Status: Sendable, Codable, Equatable {
        package var privacyStatus: String?
        package var publishAt: String?
        package var selfDeclaredMadeForKids: Bool?
        package var containsSyntheticMedia: Bool?
        package var embeddable: Bool?
        package var license: String?
        package var publicStatsViewable: Bool?
        package var uploadStatus: String?
        package var rejectionReason: String?
    }

    package var id: String
    package var channel: String
    package var snippet: Snippet
    package var status: Status
    package var sha256: String
    package var bytes: Int64
    package var fileName: String
    package var uploadedAt: Date
    var isHidden = false

    package init(id: String, channel: String, tags: [String], uploadedAt: Date) {
        (self.id, self.channel, self.uploadedAt) = (id, channel, uploadedAt)
        snippet = Snippet(title: id, tags: tags)
        status = Status(privacyStatus: "private", uploadStatus: "processed")
        (sha256, bytes, fileName) = ("", 0, "")
    }
}

/// What the peer holds.
final class YouTubeState: Sendable {
    struct Grant {
        var channel: String?
        var title: String
        var scopes: Set<String>
    }

    struct Person {
        var channel: String?
        var leavesOut: Set<String>
        var refuses: Bool
    }

    struct Code {
        var challenge: String
        var redirect: String
        var scopes: Set<String>
        var channel: String?
    }

    struct Contents {
        var grants: [String: Grant] = [:]
        var person = Person(channel: "UC-peer", leavesOut: [], refuses: false)
        var codes: [String: Code] = [:]
        /// Access tokens, and the refresh tokens behind them.
        var tokens: [String: String] = [:]
        var uploads: [String: PeerUpload] = [:]
        var everyUpload: [PeerUpload] = []
        var videos: [PeerVideo] = []
        var playlists: [String: [String]] = [:]
        var thumbnails: [String: Int] = [:]
        var captions: Set<String> = []
        var revoked: [String] = []
        var complaints: [String] = []
        var refreshes = 0
        var inserts = 0
        var serial = 0
        var moves = false
        var forgetsTo: Int64?
        var hidesNew = false
        var distortion: (@Sendable (inout PeerVideo.Status) -> Void)?

        mutating func next(_ prefix: String) -> String {
            serial += 1
            return "\(prefix)-\(serial)"
        }
    }

    let now: @Sendable () -> Date
    let contents = Mutex(Contents())

    init(now: @escaping @Sendable () -> Date) { self.now = now }

    /// An access token's grant, if it may do what any of these scopes allows.
    func grant(_ headers: HTTPHeaders, allowing scopes: [String]) -> Result<
        (refresh: String, grant: Grant), PeerRefusal
    > {
        let fields = headers["Authorization"]
        guard fields.count == 1, let field = fields.first, field.hasPrefix("Bearer ") else {
            return .failure(PeerRefusal(401, "required", "Login Required."))
        }
        return contents.withLock { contents in
            guard let refresh = contents.tokens[String(field.dropFirst(7))], let grant = contents.grants[refresh] else {
                return .failure(PeerRefusal(401, "authError", "Invalid Credentials"))
            }
            let allowed = scopes.contains { grant.scopes.contains("https://www.googleapis.com/auth/\($0)") }
            guard allowed else {
                return .failure(
                    PeerRefusal(403, "insufficientPermissions", "Request had insufficient authentication scopes."))
            }
            return .success((refresh, grant))
        }
    }

    func complain(_ what: String) { contents.withLock { $0.complaints.append(what) } }

    /// Takes the finished upload into the channel.
    func publish(_ upload: PeerUpload, sha256: String) -> PeerReply {
        guard let given = try? JSONDecoder().decode(GivenVideo.self, from: Data(upload.metadata)) else {
            return PeerRefusal(400, "invalidVideoMetadata", "The metadata is no video.").reply
        }
        let video = contents.withLock { contents in
            var video = PeerVideo(
                id: contents.next("video"), channel: contents.grants[upload.account]?.channel ?? "", tags: [],
                uploadedAt: now())
            (video.snippet, video.status) = (given.snippet, given.status)
            video.status.uploadStatus = "uploaded"
            contents.distortion?(&video.status)
            (video.sha256, video.bytes, video.fileName) = (sha256, upload.total, upload.fileName)
            video.isHidden = contents.hidesNew
            contents.videos.append(video)
            return video
        }
        upload.state.withLock { $0.video = video.id }
        return Self.reply(video, 201)
    }

    func video(_ id: String) -> PeerVideo? { contents.withLock { $0.videos.first { $0.id == id } } }

    static func reply(_ video: PeerVideo, _ status: Int) -> PeerReply {
        let answer = AnsweredVideo(kind: "youtube#video", id: video.id, snippet: video.snippet, status: video.status)
        return .json(
            (try? JSONEncoder().encode(answer)).map { String(decoding: $0, as: UTF8.self) } ?? "", status: status)
    }
}

struct GivenVideo: Codable {
    var id: String?
    var snippet: PeerVideo.Snippet
    var status: PeerVideo.Status
}

struct AnsweredVideo: Codable {
    var kind: String
    var id: String
    var snippet: PeerVideo.Snippet?
    var status: PeerVideo.Status?
}

/// An error as Google's APIs write it.
package struct PeerRefusal: Error {
    package let status: Int
    package let reason: String
    package let message: String

    package init(_ status: Int, _ reason: String, _ message: String) {
        (self.status, self.reason, self.message) = (status, reason, message)
    }

    package var reply: PeerReply {
        struct Item: Encodable {
            var domain = "youtube"
            var reason: String
            var message: String
        }
        struct Body: Encodable {
            var code: Int
            var message: String
            var errors: [Item]
        }
        let body = ["error": Body(code: status, message: message, errors: [Item(reason: reason, message: message)])]
        let json = (try? JSONEncoder().encode(body)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
        return .json(json, status: status)
    }
}
