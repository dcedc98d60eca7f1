import FoundationEssentials
import Production
import Speech

/// One narration being spoken: finds the pace, then speaks sentence after sentence into the file.
struct Performance {
    let script: SpokenScript
    let speaker: Speaker
    let voice: String

    /// Words whose speed is measured before anything is written; a longer text is represented by as many, evenly taken.
    private static let sampleSize = 300
    /// Seconds that a token without a sound of its own is shown.
    private static let silentToken = 0.06

    func record(to file: URL) async throws(SpeechError) -> Narration {
        let pace = Pace(script)
        var speed = try await measuredSpeed(pace)
        var (narration, spoken) = try await record(to: file, speed: speed)
        // The sample may not have represented the text, and no engine's speed is exactly proportional to what it is asked
        // for; what was recorded tells both.
        let better = pace.speed(after: spoken, at: speed)
        if abs(better / speed - 1) > 0.03 {
            speed = better
            (narration, _) = try await record(to: file, speed: speed)
        }
        return narration
    }

    private func measuredSpeed(_ pace: Pace) async throws(SpeechError) -> Double {
        guard pace.applies else { return 1 }
        let sentences = script.sentences
        let every = max(1, (pace.words + Self.sampleSize - 1) / Self.sampleSize)
        let sample = sentences.enumerated().filter { $0.offset.isMultiple(of: every) }.map(\.element)
        let words = sample.reduce(0) { $0 + $1.tokens.count }
        var seconds = 0.0
        for sentence in sample { seconds += try await speaker.speak(sentence.words, speed: 1).sound.duration }
        return pace.speed(after: seconds * Double(pace.words) / Double(words), at: 1)
    }

    /// - Returns: the narration, and the seconds of all its sentences without pauses.
    private func record(to file: URL, speed: Double) async throws(SpeechError) -> (Narration, spoken: Double) {
        let track = NarrationTrack(path: file.path)
        var words: [Narration.Word] = []
        var scenes: [Narration.Span] = []
        var spoken = 0.0
        try await track.append(silence: Pauses.atStart)
        for (index, scene) in script.scenes.enumerated() {
            let first = words.count
            for sentence in scene.sentences {
                let utterance = try await speaker.speak(sentence.words, speed: speed)
                let start = await track.duration
                if utterance.sound.samples.isEmpty {
                    // Nothing in it can be said; its tokens are shown all the same.
                    let seconds = min(max(0.5, Double(sentence.tokens.count) * 0.2), 3)
                    try await track.append(silence: seconds)
                    let rate = NarrationTrack.sampleRate
                    let times = TokenTimes.filled(
                        sentence.tokens.map { _ in nil }, length: Int(seconds * Double(rate)), minimum: 1)
                    words += timed(sentence.tokens, times, rate: rate, from: start, scene: index)
                } else {
                    spoken += utterance.sound.duration
                    try await track.append(utterance.sound)
                    let rate = utterance.sound.sampleRate
                    let times = TokenTimes.filled(
                        utterance.spans, length: utterance.sound.samples.count,
                        minimum: Int(Self.silentToken * Double(rate)))
                    words += timed(sentence.tokens, times, rate: rate, from: start, scene: index)
                }
                try await track.append(silence: sentence.pause)
            }
            scenes.append(Narration.Span(start: words[first].start, end: words[words.count - 1].end))
            try await track.append(silence: scene.pause)
        }
        let duration = try await track.finish()
        return (Narration(voice: voice, duration: duration, scenes: scenes, words: words), spoken)
    }

    private func timed(
        _ tokens: [Substring], _ times: [Range<Int>], rate: Int, from start: Double, scene: Int
    ) -> [Narration.Word] {
        zip(tokens, times).map { token, time in
            Narration.Word(
                text: String(token), scene: scene, start: start + Double(time.lowerBound) / Double(rate),
                end: start + Double(time.upperBound) / Double(rate))
        }
    }
}
