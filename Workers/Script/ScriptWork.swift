import Fleet
import Ledger
import Production

/// The script stage: a storyboard from something new in the job's channel, or in another of the user's.
struct ScriptWork: StageWork {
    let stage = Production.Stage.script
    let scriptwriter: any Scriptwriter

    func perform(_ task: StageTask) async throws -> StageOutcome {
        let candidates = try await task.ledger.candidates(for: task.assignment)
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
}
