import FoundationEssentials
import Production

/// What the folder's `.json` file says of one published video: everything there is to know, the marker included.
struct PublishedEntry: Codable, Equatable {
    struct Files: Codable, Equatable {
        var video: String
        /// Bytes
        var videoBytes: Int64
        var thumbnail: String
        var captions: String

        /// What else there is, as WebVTT captions and other thumbnails; nil for nothing.
        var further: [String]?

        var names: [String] { [video, thumbnail, captions] + (further ?? []) }
    }

    /// Layout of this JSON.
    var version = 1
    var marker: String
    var job: Job.ID
    var user: String
    var channel: String
    var channelSlug: String
    /// `YYYY-MM-DD`
    var productionDay: String
    /// ISO 8601, whole seconds, UTC.
    var publishedAt: Date
    var title: String
    var description: String
    var tags: [String]
    /// BCP 47
    var language: String
    var source: Storyboard.Source
    /// Seconds
    var duration: Double
    var width: Int
    var height: Int
    var files: Files

    /// `stem` is the file names' common part; `videoBytes` the video's size.
    init(_ publication: Publication, stem: String, videoBytes: Int64) {
        marker = publication.marker
        job = publication.job
        user = publication.userName
        channel = publication.channel.name
        channelSlug = publication.channel.slug
        productionDay = publication.productionDay
        publishedAt = publication.publishedAt
        title = publication.storyboard.title
        description = publication.description
        tags = publication.storyboard.tags
        language = publication.storyboard.language
        source = publication.storyboard.source
        duration = publication.duration
        (width, height) = (publication.width, publication.height)
        files = Files(
            video: stem + ".mp4", videoBytes: videoBytes, thumbnail: stem + ".jpg", captions: stem + ".srt",
            further: publication.further.isEmpty ? nil : publication.further.keys.sorted().map { stem + $0 })
    }

    /// Nil for JSON that is not one of ours.
    init?(json: [UInt8]) {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        guard let entry = try? decoder.decode(PublishedEntry.self, from: Data(json)) else { return nil }
        self = entry
    }

    func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try Array(encoder.encode(self)) + [UInt8(ascii: "\n")]
    }
}
