import Blocking
package import Feeds
package import Production

/// Finds the item to tell: the channels in their order, what is new before what is old.
package actor StorySearch {
    private let reader: FeedReader
    private let provider: ProviderName
    private let executor = BlockingExecutor(label: "script")

    /// A feed whose newest hundreds of items have no text has none further down either.
    private static let mostItemsTried = 200

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Parameter provider: in whose name it fails.
    package init(reader: FeedReader, for provider: ProviderName) { (self.reader, self.provider) = (reader, provider) }

    /// The first story that `tell` makes of an item, and whose it is; nil when nothing is left to tell.
    ///
    /// - Parameter tell: answers nil for an item without enough text; runs on the search's own thread.
    package func first<Story: Sendable>(
        for channels: [ScriptCandidate], tell: @Sendable (FeedItem, Feed, Channel) -> Story?
    ) async throws(StageFailure) -> (story: Story, candidate: ScriptCandidate)? {
        var failures: [StageFailure] = []
        var read: [(candidate: ScriptCandidate, feed: Feed)] = []
        for candidate in channels {
            let feed: Feed
            do { feed = try await reader.read(candidate.channel.source) } catch {
                failures.append(failure(error, candidate.channel))
                if error is CancellationError { break }
                continue
            }
            read.append((candidate, feed))
            let items = ItemChoice.new(in: feed.items, for: candidate)
            if let story = Self.story(from: items, feed, candidate.channel, tell) { return (story, candidate) }
        }
        for (candidate, feed) in read {
            let items = ItemChoice.old(in: feed.items, for: candidate)
            if let story = Self.story(from: items, feed, candidate.channel, tell) { return (story, candidate) }
            // A source that has served before is in order, it only has nothing more today.
            let untold = feed.items.filter { !candidate.usedItems.contains($0.key) }
            if untold.count == feed.items.count, let first = untold.first {
                failures.append(withoutText(first, feed, candidate.channel))
            }
        }
        guard let failure = combined(failures) else { return nil }
        throw failure
    }

    private static func story<Story>(
        from items: [FeedItem], _ feed: Feed, _ channel: Channel, _ tell: (FeedItem, Feed, Channel) -> Story?
    ) -> Story? {
        for item in items.prefix(mostItemsTried) {
            if Task.isCancelled { return nil }
            if let story = tell(item, feed, channel) { return story }
        }
        return nil
    }

    // MARK: Failures

    private func failure(_ error: any Error, _ channel: Channel) -> StageFailure {
        let asked = "read the source of channel “\(channel.name)”"
        guard let error = error as? FeedError else {
            return StageFailure(
                .transient(), provider: provider, asked: asked,
                answer: error is CancellationError ? "cancelled" : String(describing: error))
        }
        var kind = StageFailure.Kind.permanent
        if error.isTransient { kind = .transient() }
        if error.isTransient, case .status(_, let seconds?) = error.problem {
            kind = .transient(retryAfter: .seconds(seconds))
        }
        return StageFailure(kind, provider: provider, asked: asked, answer: error.description)
    }

    private func withoutText(_ item: FeedItem, _ feed: Feed, _ channel: Channel) -> StageFailure {
        let others = feed.items.count > 1 ? " (nor do the \(feed.items.count - 1) others)" : ""
        return StageFailure(
            .permanent, provider: provider,
            asked:
                "write a storyboard from the source of channel “\(channel.name)”, \(FeedError.shown(channel.source))",
            answer: "items without enough text: “\(item.title.isEmpty ? item.key : item.title)” has fewer than"
                + " \(StoryboardExtract.fewestWords) words that can be spoken\(others); give a source with whole articles"
        )
    }

    /// One failure for all channels: transient if any is, since a later try may then succeed.
    private func combined(_ failures: [StageFailure]) -> StageFailure? {
        guard let first = failures.first, failures.count > 1 else { return failures.first }
        let transient = failures.first { if case .transient = $0.kind { true } else { false } }
        return StageFailure(
            transient?.kind ?? first.kind, provider: provider, asked: "read the sources of \(failures.count) channels",
            answer: failures.map { "\($0.asked): \($0.answer)" }.joined(separator: " · "))
    }
}
