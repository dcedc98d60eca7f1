package import Feeds
import OfflineScript
package import Production

/// Finds the story to tell, and has it written by the first writer for whom there is money.
///
/// What a job does when money is short is its channel's policy: `cheaper` goes to the next writer; `hold` and `stop` end the
/// attempt at the first refusal. Only money leads to the next writer: a script that could not be written well is no reason to
/// publish a poorer one.
package struct ScriptwriterChain: Scriptwriter {
    private let search: StorySearch
    private let first: any StoryWriter
    private let others: [any StoryWriter]

    package var provider: ProviderName { first.provider }

    /// - Parameter others: in this order, commonly ending with an `ExtractWriter`.
    package init(reader: FeedReader, _ first: any StoryWriter, then others: [any StoryWriter]) {
        search = StorySearch(reader: reader, for: first.provider)
        (self.first, self.others) = (first, others)
    }

    package func write(for channels: [ScriptCandidate], spending: any Spending) async throws -> WrittenScript {
        let found = try await search.first(for: channels) { item, feed, channel in
            SourceStory(item: item, feed: feed, channel: channel)
        }
        try Task.checkCancellation()
        guard let (story, candidate) = found else { return WrittenScript(.nothingNew, provider: provider) }
        let policy = candidate.channel.whenShort
        var notes: [String: String] = [:]
        var shortage: StageFailure?
        for (step, writer) in ([first] + others).enumerated() {
            do {
                let written = try await writer.write(story, for: candidate, spending: spending)
                return WrittenScript(
                    .written(written.storyboard, for: candidate.channel.id), provider: writer.provider,
                    notes: notes.merging(written.notes) { _, new in new })
            } catch let failure as StageFailure {
                guard failure.shortOf != nil else {
                    // What the last resort can't do is told; what happens is what money has to say.
                    guard let shortage else { throw failure }
                    throw StageFailure(
                        shortage.kind, provider: shortage.provider, asked: shortage.asked,
                        answer: "\(shortage.answer); then \(failure)", shortOf: shortage.shortOf)
                }
                guard policy == .cheaper, step < others.count else { throw policy.verdict(on: failure) }
                shortage = failure
                notes["money \(step + 1)"] = "\(failure)"
            }
        }
        throw CancellationError()  // not reached: the last writer answers or fails
    }
}
