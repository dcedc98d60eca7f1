import FoundationEssentials
import Narrating
import Production
import ProviderCalling
import Speech

/// What a voice made of a passage.
struct SpokenPassage: Sendable {
    /// Without silence at its ends.
    let sound: Sound
    /// When its tokens are heard, seconds from the sound's beginning, one for each.
    let times: [Narration.Span]
    /// Whether the times are only likely: nobody told them, and they could not be found.
    var isGuessed = false

    /// Seconds left around what is heard: for breath, and the end of a sound.
    static let margin = 0.03
    /// Seconds that a token without a sound of its own is shown.
    private static let silentToken = 0.06

    init(sound: Sound, times: [Narration.Span]) { (self.sound, self.times) = (sound, times) }

    /// - Parameter utterance: as it came, silence and all.
    /// Nothing in it can be said; its tokens are shown all the same.
    init(silentFor passage: Passage) {
        let count = passage.tokens.count
        let sound = Sound(silence: min(max(0.5, Double(count) * 0.2), 3))
        let share = sound.duration / Double(count)
        self.init(
            sound: sound,
            times: (0..<count).map { Narration.Span(start: Double($0) * share, end: Double($0 + 1) * share) })
    }

    func resampled(to rate: Int) -> SpokenPassage {
        if sound.sampleRate == rate { return self }
        let samples = Resampler(from: sound.sampleRate, to: rate).resample(sound.samples)
        return SpokenPassage(sound: Sound(sampleRate: rate, samples: samples), times: times)
    }

    /// - Returns: nil if next to nothing is heard.
    init?(_ utterance: Utterance, of passage: Passage) {
        let heard = utterance.trimmed(margin: Self.margin)
        let (rate, length) = (Double(heard.sound.sampleRate), heard.sound.samples.count)
        guard length >= passage.tokens.count else { return nil }
        let times = TokenTimes.filled(heard.spans, length: length, minimum: Int(Self.silentToken * rate))
        self.init(
            sound: heard.sound,
            times: times.map { Narration.Span(start: Double($0.lowerBound) / rate, end: Double($0.upperBound) / rate) })
    }
}

/// A narration being put together of passages. They are spoken one after the other: should one fail, no other call is under
/// way whose answer would be lost, and paid for again.
struct Recital {
    private let storyboard: Storyboard
    private let passages: [Passage]
    private let line: ProviderLine

    /// - Throws: a permanent `StageFailure` if there is nothing to say.
    init(of storyboard: Storyboard, _ passages: [Passage], line: ProviderLine) throws(StageFailure) {
        (self.storyboard, self.passages, self.line) = (storyboard, passages, line)
        let spoken = Set(passages.map(\.scene))
        guard !storyboard.scenes.isEmpty else {
            throw line.failure(.permanent, asked: asked, answer: "the storyboard has no scenes")
        }
        if let silent = storyboard.scenes.indices.first(where: { !spoken.contains($0) }) {
            throw line.failure(
                .permanent, asked: asked,
                answer: "scene \(silent + 1) of \(storyboard.scenes.count) has no narration to speak")
        }
    }

    private var asked: String { "speak “\(storyboard.title)” in \(storyboard.language)" }

    /// - Parameter voice: as the provider names it.
    /// - Throws: what `speak` throws; `StageFailure` if the file can't be written. It is removed then.
    func record(
        to file: URL, voice: String, _ speak: (Passage) async throws -> SpokenPassage
    ) async throws -> SpokenStory {
        do {
            return try await write(to: file, voice: voice, speak)
        } catch {
            // Nothing else can be done for a file that is not complete; the failure is what counts.
            try? FileManager.default.removeItem(at: file)
            guard let error = error as? SpeechError else { throw error }
            throw line.failure(.transient(), asked: asked, answer: error.description)
        }
    }

    private func write(
        to file: URL, voice: String, _ speak: (Passage) async throws -> SpokenPassage
    ) async throws -> SpokenStory {
        var narration = SceneBySceneNarration(of: storyboard, to: file)
        var guessed = 0
        var rest = passages[...]
        for scene in storyboard.scenes.indices {
            var samples: [Int16] = []
            var times: [Narration.Span] = []
            var rate = 0
            while let passage = rest.first, passage.scene == scene {
                try Task.checkCancellation()
                rest.removeFirst()
                var spoken = passage.canBeSaid ? try await speak(passage) : SpokenPassage(silentFor: passage)
                if spoken.isGuessed { guessed += 1 }
                if rate == 0 { rate = spoken.sound.sampleRate }
                spoken = spoken.resampled(to: rate)
                let start = Double(samples.count) / Double(rate)
                times += spoken.times.map { Narration.Span(start: start + $0.start, end: start + $0.end) }
                samples += spoken.sound.samples
                samples += [Int16](repeating: 0, count: Int((passage.pause * Double(rate)).rounded()))
            }
            try await narration.append(Sound(sampleRate: rate, samples: samples), times: times)
        }
        return SpokenStory(
            try await narration.finished(voice: "\(line.provider):\(voice)"), provider: line.provider,
            notes: guessed == 0 ? [:] : ["words_guessed": "\(guessed) of \(passages.count) passages"])
    }
}
