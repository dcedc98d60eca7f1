import Fleet
import Ledger
import Production

/// The script stage: a storyboard from something new in the job's channel, or in another of the user's.
struct ScriptWork: StageWork {
    let stage = Production.Stage.script
    let scriptwriter: any Scriptwriter
    /// Whether a video can be published through a channel's account alone.
    let needsAccount: Bool

    func perform(_ task: StageTask) async throws -> StageOutcome {
        let candidates = try await publishable(try await task.ledger.candidates(for: task.assignment), task)
        let script = try await scriptwriter.write(for: candidates, spending: task)
        switch script.answer {
        case .nothingNew:
            return .skipped(provider: script.provider)
        case .written(let storyboard, let channel):
            let artifact = try await task.keep(storyboard, named: "storyboard.json")
            try await task.ledger.note(storyboard, for: channel, of: task.assignment.job)
            let result = StageResult(
                artifacts: [.storyboard: artifact], title: storyboard.title, channel: channel,
                usedItem: storyboard.source.key)
            let words = storyboard.scenes.map { spokenTokens(of: $0.narration).count }.reduce(0, +)
            let notes = [
                "item": storyboard.source.key, "scenes": "\(storyboard.scenes.count)", "words": "\(words)",
            ]
            return .done(result, provider: script.provider, notes: notes.merging(script.notes) { own, _ in own })
        }
    }

    /// Those whose video somebody may publish: nothing is paid for one that would be refused at the end.
    private func publishable(_ candidates: [ScriptCandidate], _ task: StageTask) async throws -> [ScriptCandidate] {
        guard needsAccount else { return candidates }
        let able = try await task.ledger.channelsWithAccount(among: candidates.map(\.channel.id))
        let left = candidates.filter { able.contains($0.channel.id) }
        guard left.isEmpty, let first = candidates.first?.channel else { return left }
        let user = task.assignment.userName
        throw StageFailure(
            .permanent, provider: .own, asked: "write a script for \(first.name) of \(user)",
            // Without the names, so that all such jobs are one cause.
            answer: "no account can publish for it, and nothing is paid for a video that nobody could publish: "
                + "`ytempire account list` tells why. `ytempire account assign ACCOUNT USER CHANNEL` or "
                + "`ytempire account connect ACCOUNT`, then retry the job")
    }
}
