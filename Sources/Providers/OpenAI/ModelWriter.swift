package import OfflineScript
package import Production

/// Has a language model write the script: its draft is checked by code, sent back with what is wrong at most twice, then given
/// to the next model.
package struct ModelWriter: StoryWriter {
    private let client: ChatClient
    private let routing: ModelRouting
    private let threshold: Double

    package var provider: ProviderName { client.server.provider }

    /// Resemblance at or above which a script is too much like an earlier one. Two texts that share a part p of their runs of
    /// five words have p / (2 − p): 0.35 says that more than half of what is said has been said before.
    package static let sameness = 0.35

    package init(_ client: ChatClient, _ routing: ModelRouting, sameness: Double = Self.sameness) {
        (self.client, self.routing, threshold) = (client, routing, sameness)
    }

    package func write(
        _ story: SourceStory, for candidate: ScriptCandidate, spending: any Spending
    ) async throws -> WrittenStory {
        guard let brief = ScriptBrief(story, for: candidate, limit: client.server.sourceLimit) else {
            throw StageFailure(
                .permanent, provider: provider, asked: "write a script from “\(story.title)”",
                answer: "its text speaks to language models only; nothing is left to tell")
        }
        let opening = try ScriptPrompt(brief: brief, server: client.server).opening()
        // Prices that are not known are a mistake in the configuration, whichever model would be asked.
        let (models, isCheaper) = try routing.order(channel: candidate.channel.id, item: story.source.key) { model in
            try client.upperBound(of: request(model, opening, brief))
        }
        var notes = isCheaper ? ["route": "\(routing.cheaperShare) % to the cheaper model"] : [:]
        if brief.leftOut > 0 { notes["left out"] = "\(brief.leftOut) sentences that speak to language models" }
        var failures: [StageFailure] = []
        var shortage: (failure: StageFailure, bound: MicroDollars)?
        for (step, model) in models.enumerated() {
            let bound = try client.upperBound(of: request(model, opening, brief))
            // What refused the dearer one has no room for one as dear.
            if let shortage, bound >= shortage.bound { continue }
            do {
                var written = try await drafts(by: model, opening, brief, spending)
                written.notes.merge(notes) { own, _ in own }
                return WrittenStory(written.storyboard, notes: written.notes)
            } catch let failure as StageFailure {
                if failure.shortOf != nil {
                    guard candidate.channel.whenShort == .cheaper else { throw failure }
                    shortage = (failure, bound)
                } else if failure.kind != .permanent {
                    throw failure
                } else {
                    failures.append(failure)
                }
                notes["model \(step + 1)"] = "\(model.name): \(failure.answer)"
            }
        }
        if let shortage { throw shortage.failure }
        throw combined(failures, story)
    }

    /// The first draft of a model that is in order.
    private func drafts(
        by model: ChatModel, _ opening: [ChatMessage], _ brief: ScriptBrief, _ spending: any Spending
    ) async throws -> (storyboard: Storyboard, notes: [String: String]) {
        let review = DraftReview(brief, threshold: threshold)
        var (messages, notes): ([ChatMessage], [String: String]) = (opening, ["model": model.name])
        var findings: [Finding] = []
        for turn in 0...Self.rewrites {
            let answer = try await client.answer(
                to: request(model, messages, brief), turn: turn, scope: "channel \(brief.channel.id)",
                spending: spending)
            if answer.usage == nil, client.server.isPaid { notes["usage"] = "not told: priced at the most it can be" }
            let text: String
            switch answer.outcome {
            case .text(let written): text = written
            case .refused(let words): throw failure(model, "it refused: “\(words.prefix(300))”")
            case .filtered: throw failure(model, "its content filter stopped the answer")
            case .truncated:
                throw failure(
                    model, "its answer broke off at \(tokens(model, brief)) tokens; raise what it may use for thinking")
            }
            var draft: StoryDraft?
            do throws(StoryDraft.Misshapen) { draft = try StoryDraft(text) } catch {
                findings = [Finding(.shape, error.words)]
            }
            if let draft {
                findings = review.findings(in: draft)
                if findings.isEmpty {
                    if turn > 0 { notes["rewrites"] = "\(turn)" }
                    return (draft.storyboard(for: brief), notes)
                }
            }
            notes["sent back \(turn + 1)"] = findings.map(\.words).joined(separator: "; ")
            messages += ScriptPrompt.sendBack(text, findings)
        }
        throw failure(
            model,
            "after \(Self.rewrites) rewrites its script is still wrong: \(findings.map(\.words).joined(separator: "; "))"
        )
    }

    /// How often a draft is sent back.
    private static let rewrites = 2

    private func request(_ model: ChatModel, _ messages: [ChatMessage], _ brief: ScriptBrief) -> ChatRequest {
        ChatRequest(
            model: model, messages: messages, schema: StoryDraft.schema, schemaName: StoryDraft.schemaName,
            tokenLimit: tokens(model, brief))
    }

    /// Room for the script and for thinking. A word is rarely more than four tokens in any language our voices speak; what is
    /// not said takes as much again, and something for each scene.
    private func tokens(_ model: ChatModel, _ brief: ScriptBrief) -> Int {
        brief.measure.allowed.upperBound * 5 + brief.measure.allowedScenes.upperBound * 80 + 800 + model.thinkingTokens
    }

    private func failure(_ model: ChatModel, _ answer: String) -> StageFailure {
        StageFailure(.permanent, provider: provider, asked: "write a script with \(model.name)", answer: answer)
    }

    private func combined(_ failures: [StageFailure], _ story: SourceStory) -> StageFailure {
        guard failures.count != 1 else { return failures[0] }
        return StageFailure(
            .permanent, provider: provider, asked: "write a script from “\(story.title)” with \(failures.count) models",
            answer: failures.map { "\($0.asked): \($0.answer)" }.joined(separator: " · "))
    }
}
