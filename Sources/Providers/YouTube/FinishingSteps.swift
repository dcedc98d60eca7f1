import FoundationEssentials
import HTTP
import NIOHTTP1
import Production
import ProviderCalling

/// What follows an upload, each step once: read back what YouTube made of the status, set the thumbnail, put the video into its
/// playlist, add captions.
struct FinishingSteps: Sendable {
    let account: AccountLine
    let publication: Publication
    let video: PublishedVideo
    let log: any PublicationLog
    let sleep: @Sendable (Duration) async throws -> Void

    private var publishing: Channel.Publishing { publication.channel.publishing }
    private var id: String { video.remoteID }

    func run() async throws {
        let done = try await log.steps
        for step in PublicationStep.allCases where !done.contains(step) {
            switch step {
            case .verified: try await verify()
            case .thumbnail: try await setThumbnail()
            case .playlist: try await putIntoPlaylist()
            case .captions: try await addCaptions()
            }
            try await log.finished(step)
        }
    }

    private func verify() async throws {
        let asked = "read back the status of \(video.location)"
        let page = try await account.list(
            "/youtube/v3/videos", [("part", "status"), ("id", id)], of: VideoResource.self, asked: asked)
        guard let status = page.items?.first?.status else {
            // A video just uploaded is sometimes listed a little later.
            throw account.line.failure(
                .transient(retryAfter: .seconds(60)), asked: asked, answer: "YouTube does not list it")
        }
        if let end = StatusCheck.end(status) {
            throw account.line.failure(.permanent, asked: asked, answer: end)
        }
        let asks = StatusCheck(publication, now: account.now())
        let differences = asks.differences(from: status)
        if differences.isEmpty {
            var note = "as \(status.privacyStatus ?? "unknown")"
            if let moment = status.publishAt { note += ", public at \(moment)" }
            if publishing.publishAt != nil, publishing.privacy != .private {
                note +=
                    "; the channel's publish time counts for private videos only, and its videos are \(publishing.privacy)"
            }
            return await log.note(note, about: .verified)
        }
        let told = differences.joined(separator: "; ")
        guard asks.isTooPublic(status) else { throw account.line.failure(.permanent, asked: asked, answer: told) }
        throw account.line.failure(.permanent, asked: asked, answer: "\(told); \(try await makePrivate(status))")
    }

    /// Sets the video private, and says how that went.
    private func makePrivate(_ status: VideoResource.Status) async throws -> String {
        var status = status.writable
        (status.privacyStatus, status.publishAt) = (VideoPrivacy.private.rawValue, nil)
        do {
            let call = try HTTPCall.json(
                .PUT, account.url("/youtube/v3/videos", [("part", "status")]), VideoResource(id: id, status: status))
            _ = try await account.ask(call, units: 50, asked: "set \(video.location) private")
            return "it was set private"
        } catch let failure as StageFailure {
            return "it could not be set private, do that in YouTube Studio at once: \(failure.answer)"
        }
    }

    /// 50 MB since September 2026; below the old limit nobody refuses.
    private static let thumbnailLimit: Int64 = 2_000_000

    /// A video without it is a video: what can't be set is noted. Only a used up quota is waited for.
    private func setThumbnail() async throws {
        let path = publication.thumbnail.path
        let asked = "set the thumbnail of \(video.location)"
        var tries = 0
        while true {
            tries += 1
            do {
                let bytes = try await LocalFile.size(of: path, for: account.line)
                guard bytes <= Self.thumbnailLimit else {
                    return await log.note(
                        "not set: it has \(bytes) bytes, above \(Self.thumbnailLimit)", about: .thumbnail)
                }
                let call = HTTPCall(
                    .POST,
                    account.url("/upload/youtube/v3/thumbnails/set", [("videoId", id), ("uploadType", "media")]),
                    headers: ["Content-Type": "image/jpeg"], body: .file(path: path, range: 0..<bytes))
                _ = try await account.ask(call, units: 50, asked: asked)
                return
            } catch let failure as StageFailure {
                switch failure.kind {
                case .limited: throw failure
                case .transient(let wish) where tries < 3:
                    try await sleep(min(wish ?? .seconds(2 * tries), UploadCourse.longestWait))
                default: return await log.note("not set: \(failure.answer)", about: .thumbnail)
                }
            }
        }
    }

    /// Repeating an insert adds the video twice, so the list is asked first.
    private func putIntoPlaylist() async throws {
        guard let playlist = publishing.playlist else { return }
        let asked = "put \(video.location) into the playlist \(playlist)"
        let there = try await account.list(
            "/youtube/v3/playlistItems", [("part", "snippet"), ("playlistId", playlist), ("videoId", id)],
            of: PlaylistItemResource.self, asked: asked)
        if there.items?.contains(where: { $0.snippet?.resourceId.videoId == id }) == true { return }
        let item = PlaylistItemResource(
            snippet: PlaylistItemResource.Snippet(
                playlistId: playlist, resourceId: PlaylistItemResource.Video(videoId: id)))
        let call = try HTTPCall.json(.POST, account.url("/youtube/v3/playlistItems", [("part", "snippet")]), item)
        _ = try await account.ask(call, units: 50, asked: asked)
    }

    private func addCaptions() async throws {
        guard publishing.captions else { return }
        let asked = "add captions to \(video.location)"
        let captions = try await LocalFile.bytes(of: publication.captions.path, for: account.line)
        let resource = CaptionResource(
            snippet: CaptionResource.Snippet(videoId: id, language: publication.storyboard.language, name: ""))
        let (boundary, body) = try Multipart.related(resource, captions, type: "application/octet-stream")
        let call = HTTPCall(
            .POST, account.url("/upload/youtube/v3/captions", [("uploadType", "multipart"), ("part", "snippet")]),
            headers: ["Content-Type": "multipart/related; boundary=\(boundary)"], body: .bytes(body))
        let settings = account.settings
        let reply = try await account.send(call, taking: 400, of: settings.units, asked: asked)
        guard !reply.isSuccess else { return }
        let trouble = YouTubeTrouble(reply)
        // Of the same language and name: an earlier try of ours whose answer was lost.
        if trouble.kind == .conflict { return }
        throw try await account.failure(trouble, reply, asked: asked, drawnOn: settings.units)
    }
}
