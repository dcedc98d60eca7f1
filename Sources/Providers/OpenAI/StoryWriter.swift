package import OfflineScript
package import Production

/// Writes one story that was found for a channel: a language model, or extraction.
package protocol StoryWriter: Sendable {
    var provider: ProviderName { get }

    /// - Throws: `StageFailure`. Where its `shortOf` is set, and the channel's policy is `cheaper`, another writer may take over.
    func write(_ story: SourceStory, for candidate: ScriptCandidate, spending: any Spending) async throws
        -> WrittenStory
}

/// A story's storyboard, and what an attempt's notes should tell of how it was written.
package struct WrittenStory: Sendable, Equatable {
    package let storyboard: Storyboard
    package let notes: [String: String]

    package init(_ storyboard: Storyboard, notes: [String: String] = [:]) {
        (self.storyboard, self.notes) = (storyboard, notes)
    }
}

/// The writer that costs nothing: the storyboard that extraction made.
package struct ExtractWriter: StoryWriter {
    package let provider: ProviderName = "offline"

    package init() {}

    package func write(
        _ story: SourceStory, for candidate: ScriptCandidate, spending: any Spending
    ) async throws -> WrittenStory {
        if let word = ForbiddenWords.first(of: candidate.channel, in: story.extract) {
            throw StageFailure(
                .permanent, provider: provider, asked: "extract a script from “\(story.title)”",
                answer: "the source itself says “\(word)”, which is never used in channel “\(candidate.channel.name)”")
        }
        return WrittenStory(story.extract)
    }
}
