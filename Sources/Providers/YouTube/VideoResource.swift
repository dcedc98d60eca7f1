import FoundationEssentials

/// YouTube's `video`, as far as we write and read it. What is nil is left out.
struct VideoResource: Codable, Sendable, Equatable {
    struct Snippet: Codable, Sendable, Equatable {
        var title: String?
        var description: String?
        var tags: [String]?
        var categoryId: String?
        /// BCP 47
        var defaultLanguage: String?
        var defaultAudioLanguage: String?
    }

    struct Status: Codable, Sendable, Equatable {
        var privacyStatus: String?
        /// RFC 3339; only with `private`.
        var publishAt: String?
        var selfDeclaredMadeForKids: Bool?
        var containsSyntheticMedia: Bool?
        var embeddable: Bool?
        var license: String?
        var publicStatsViewable: Bool?
        /// What follows can only be read.
        var madeForKids: Bool?
        var uploadStatus: String?
        var failureReason: String?
        var rejectionReason: String?

        /// Everything that may be written, as it stands: what an update leaves out is erased.
        var writable: Status {
            var status = self
            (status.madeForKids, status.uploadStatus, status.failureReason, status.rejectionReason) = (
                nil, nil, nil, nil
            )
            return status
        }
    }

    var id: String?
    var snippet: Snippet?
    var status: Status?
}

/// A page of any list.
struct ListPage<Item: Decodable & Sendable>: Decodable, Sendable {
    var items: [Item]?
    var nextPageToken: String?
}

struct ChannelResource: Codable, Sendable {
    struct Snippet: Codable, Sendable { var title: String? }

    struct Details: Codable, Sendable {
        struct Playlists: Codable, Sendable { var uploads: String? }

        var relatedPlaylists: Playlists?
    }

    var id: String?
    var snippet: Snippet?
    var contentDetails: Details?
}

struct PlaylistItemResource: Codable, Sendable {
    struct Video: Codable, Sendable {
        var kind = "youtube#video"
        var videoId: String
    }

    struct Snippet: Codable, Sendable {
        var playlistId: String?
        var resourceId: Video
        /// When it came into the list.
        var publishedAt: String?
    }

    var snippet: Snippet?
}

struct CaptionResource: Codable, Sendable {
    struct Snippet: Codable, Sendable {
        var videoId: String
        var language: String
        /// Shown beside the language; empty for none.
        var name: String
    }

    var snippet: Snippet
}
