import Fleet
import Foundation
import Ledger
import Production
import Speakers

/// The voice stage: the storyboard, spoken, and when each word is heard.
struct VoiceWork: StageWork {
    let stage = Production.Stage.voice
    let narrators: NarratorChain

    func perform(_ task: StageTask) async throws -> StageOutcome {
        let storyboard = try await task.value(Storyboard.self, of: .storyboard)
        let sound = try await task.scratch.file("narration.wav")
        let channel = task.assignment.channel
        let story = try await narrators.following(channel.whenShort, failures: task.attempt.tries)
            .speak(storyboard, voice: channel.voice, to: sound, spending: task)
        let narration = story.narration
        let result = StageResult(
            artifacts: [
                .narration: try await task.keep(sound),
                .timings: try await task.keep(narration, named: "timings.json"),
            ])
        let minutes = narration.scenes.map { $0.end - $0.start }.reduce(0, +) / 60
        let notes = [
            "voice": narration.voice, "seconds": narration.duration.formatted(decimals: 1),
            "words": "\(narration.words.count)",
            "words_per_minute": (Double(narration.words.count) / max(minutes, 0.01)).formatted(decimals: 0),
        ]
        return .done(result, provider: story.provider, notes: notes.merging(story.notes) { own, _ in own })
    }
}
