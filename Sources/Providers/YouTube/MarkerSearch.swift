import FoundationEssentials
import Production
import ProviderCalling

/// Looks for a job's marker among the videos that an account's channel has.
///
/// The marker is a tag. (It is the file's name as well, for a person who looks in YouTube Studio; the part `fileDetails` in which
/// that could be read is refused to many.)
struct MarkerSearch: Sendable {
    let account: AccountLine

    /// - Parameter since: nothing older than a day before this can be it.
    /// - Returns: the video's id; nil if none of those that YouTube lists has it, which a video just uploaded may not yet be.
    func find(_ marker: String, since: Date) async throws -> String? {
        let asked = "look for \(marker) among the channel's uploads"
        let channels = try await account.list(
            "/youtube/v3/channels", [("part", "contentDetails"), ("mine", "true")], of: ChannelResource.self,
            asked: asked)
        guard let uploads = channels.items?.first?.contentDetails?.relatedPlaylists?.uploads else {
            throw account.line.failure(.permanent, asked: asked, answer: "the account has no channel with uploads")
        }
        var page: String?
        for _ in 0..<Self.pages {
            let items = try await account.list(
                "/youtube/v3/playlistItems",
                [("part", "snippet"), ("playlistId", uploads), ("maxResults", "50")]
                    + (page.map { [("pageToken", $0)] } ?? []), of: PlaylistItemResource.self, asked: asked)
            let snippets = (items.items ?? []).compactMap(\.snippet)
            if let found = try await video(with: marker, among: snippets.map(\.resourceId.videoId), asked: asked) {
                return found
            }
            // The newest come first.
            let oldest = snippets.last?.publishedAt.flatMap { try? Date($0, strategy: .iso8601) }
            if let oldest, oldest < since.addingTimeInterval(-86_400) { return nil }
            guard let next = items.nextPageToken else { return nil }
            page = next
        }
        return nil
    }

    /// A thousand videos: more than a channel uploads in the life of a session.
    private static let pages = 20

    private func video(with marker: String, among ids: [String], asked: String) async throws -> String? {
        guard !ids.isEmpty else { return nil }
        let videos = try await account.list(
            "/youtube/v3/videos",
            [("part", "snippet"), ("id", ids.joined(separator: ",")), ("maxResults", "50")], of: VideoResource.self,
            asked: asked)
        return videos.items?.first { $0.snippet?.tags?.contains(marker) == true }?.id
    }
}
