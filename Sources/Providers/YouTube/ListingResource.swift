import FoundationEssentials
import Production

/// What YouTube is told of a video.
enum ListingResource {
    static func video(_ publication: Publication) -> VideoResource {
        let (story, publishing) = (publication.storyboard, publication.channel.publishing)
        return VideoResource(
            snippet: VideoResource.Snippet(
                title: ListingText.title(story.title), description: ListingText.description(of: publication),
                tags: ListingText.tags(story.tags, marker: publication.marker), categoryId: publishing.category,
                defaultLanguage: story.language, defaultAudioLanguage: story.language),
            // All of it said explicitly: a privacy that is left out means public.
            status: VideoResource.Status(
                privacyStatus: publishing.privacy.rawValue,
                publishAt: publishAt(publication).map { $0.formatted(.iso8601) },
                selfDeclaredMadeForKids: publishing.madeForKids, containsSyntheticMedia: publishing.syntheticMedia))
    }

    /// When a private video becomes public; nil for never. YouTube takes a moment only with `private`.
    static func publishAt(_ publication: Publication) -> Date? {
        publication.channel.publishing.privacy == .private ? publication.publishAt : nil
    }
}
