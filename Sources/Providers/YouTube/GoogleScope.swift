/// What an account may be asked to allow.
package enum GoogleScope: String, Sendable, CaseIterable {
    /// Videos and their thumbnails.
    case upload = "https://www.googleapis.com/auth/youtube.upload"
    /// Reading back what was published.
    case read = "https://www.googleapis.com/auth/youtube.readonly"
    /// Playlists, and setting a video private.
    case manage = "https://www.googleapis.com/auth/youtube"
    /// Captions.
    case captions = "https://www.googleapis.com/auth/youtube.force-ssl"

    /// The least with which videos can be published, and what playlists and captions need beside it.
    package static func needed(playlists: Bool = false, captions: Bool = false) -> [GoogleScope] {
        [.upload, .read] + (playlists ? [.manage] : []) + (captions ? [.captions] : [])
    }
}
