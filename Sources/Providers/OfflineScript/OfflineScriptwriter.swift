package import Feeds
package import Production

/// Writes storyboards by extraction: every sentence is the source's own, in the source's order; only the attribution is
/// added.
package struct OfflineScriptwriter: Scriptwriter {
    package let provider: ProviderName = "offline"

    private let search: StorySearch

    package init(reader: FeedReader) { search = StorySearch(reader: reader, for: "offline") }

    /// Spends nothing.
    package func write(for channels: [ScriptCandidate], spending: any Spending) async throws -> WrittenScript {
        WrittenScript(try await write(for: channels), provider: provider)
    }

    package func write(for channels: [ScriptCandidate]) async throws(StageFailure) -> ScriptAnswer {
        let tell: @Sendable (FeedItem, Feed, Channel) -> Storyboard? = { item, feed, channel in
            StoryboardExtract(item: item, feed: feed, channel: channel)?.storyboard
        }
        guard let found = try await search.first(for: channels, tell: tell) else { return .nothingNew }
        return .written(found.story, for: found.candidate.channel.id)
    }
}
