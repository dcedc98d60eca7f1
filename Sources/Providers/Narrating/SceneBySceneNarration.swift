package import FoundationEssentials
import OfflineVoice
package import Production
package import Speech

/// A narration made of scenes that were each spoken by themselves: joined with the pauses of a person who reads aloud,
/// and written as the port demands.
package struct SceneBySceneNarration: Sendable {
    private let storyboard: Storyboard
    private let track: NarrationTrack
    private var scenes: [Narration.Span] = []
    private var words: [Narration.Word] = []
    private var hasBegun = false

    /// - Parameter file: where the WAV is written. It is not complete before `finished(voice:)`; whoever gives up in
    ///   between removes it.
    package init(of storyboard: Storyboard, to file: URL) {
        self.storyboard = storyboard
        track = NarrationTrack(path: file.path)
    }

    /// Adds the next scene.
    ///
    /// - Parameters:
    ///   - sound: without silence at its ends (`Sound.trimmed(margin:)`), at any rate.
    ///   - times: when its tokens are heard, one for each.
    package mutating func append(_ sound: Sound, times: [Narration.Span]) async throws(SpeechError) {
        let index = scenes.count
        let scene = storyboard.scenes[index]
        let tokens = spokenTokens(of: scene.narration)
        precondition(tokens.count == times.count && !tokens.isEmpty, "a time for each token")
        if !hasBegun { try await track.append(silence: Pauses.atStart) }
        hasBegun = true
        let start = await track.duration
        try await track.append(sound)
        words += zip(tokens, times).map { token, time in
            Narration.Word(text: String(token), scene: index, start: start + time.start, end: start + time.end)
        }
        scenes.append(
            Narration.Span(start: start + times[0].start, end: start + times[times.count - 1].end))
        let next = index + 1 < storyboard.scenes.count ? storyboard.scenes[index + 1].kind : nil
        try await track.append(
            silence: Pauses.afterScene(index, scene.kind, ending: tokens[tokens.count - 1], before: next))
    }

    /// Completes the file.
    ///
    /// - Parameter voice: as its provider names it.
    package func finished(voice: String) async throws(SpeechError) -> Narration {
        precondition(scenes.count == storyboard.scenes.count, "every scene was spoken")
        let duration = try await track.finish()
        return Narration(voice: voice, duration: duration, scenes: scenes, words: words)
    }
}
