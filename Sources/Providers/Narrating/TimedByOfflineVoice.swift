import Alignment
import Blocking
package import OfflineVoice
package import Production
package import Speech

/// Finds when the words of a recording are heard, for voices that don't tell: the offline voice says the same words, and
/// the two are laid beside each other (`Aligner`).
package struct TimedByOfflineVoice: Sendable {
    /// Named in failures: whose recording it is.
    private let provider: ProviderName
    private let voice: OfflineVoice

    /// Seconds that a token without a sound of its own is shown.
    private static let silentToken = 0.06

    package init(provider: ProviderName, voice: OfflineVoice = OfflineVoice()) {
        (self.provider, self.voice) = (provider, voice)
    }

    /// The words as the offline voice says them. Fails before anything is paid for where it does not speak the language.
    package func reference(for tokens: [Substring], language: String) async throws(StageFailure) -> ReferenceSpeech {
        try await voice.reference(for: tokens, language: language)
    }

    /// - Parameters:
    ///   - tokens: all that is said in the recording, as `spokenTokens(of:)` splits it.
    ///   - language: BCP 47
    ///   - samples: mono, full scale -1 to 1; best a scene or less, at most some ten minutes.
    ///   - sampleRate: Hz, at least 8,000.
    /// - Throws: a permanent failure if nothing is heard, or plainly other words.
    package func times(
        of tokens: [Substring], language: String, in samples: [Float], sampleRate: Double
    ) async throws(StageFailure) -> TimedTokens {
        let reference = try await reference(for: tokens, language: language)
        return try await times(
            of: tokens, as: reference, in: MonoSamples(samples: samples, sampleRate: sampleRate))
    }

    /// - Parameter reference: of the same tokens.
    package func times(
        of tokens: [Substring], as reference: ReferenceSpeech, in sound: Sound
    ) async throws(StageFailure) -> TimedTokens {
        try await times(
            of: tokens, as: reference,
            in: MonoSamples(samples: sound.samples, sampleRate: Double(sound.sampleRate)))
    }

    private func times(
        of tokens: [Substring], as reference: ReferenceSpeech, in recording: MonoSamples
    ) async throws(StageFailure) -> TimedTokens {
        let asked = "find \(tokens.count) words in \((recording.duration * 10).rounded() / 10) s of sound"
        guard recording.samples.count >= tokens.count else {
            throw StageFailure(.permanent, provider: provider, asked: asked, answer: "the sound is too short")
        }
        let said = reference.times.compactMap { $0 }
        var found: AlignedWords?
        if !said.isEmpty {
            do {
                found = try await AlignmentDesk().align(
                    MonoSamples(samples: reference.samples, sampleRate: Double(reference.sampleRate)), said,
                    to: recording)
            } catch {
                throw StageFailure(
                    error.code == .cancelled ? .transient() : .permanent, provider: provider, asked: asked,
                    answer: error.description)
            }
        }
        let rate = recording.sampleRate
        var times = (found?.times ?? [])[...]
        // In samples, as tokens without a sound of their own are given a time.
        let spans = reference.times.map { time -> Range<Int>? in
            guard time != nil, let found = times.popFirst() else { return nil }
            let start = Int((found.lowerBound * rate).rounded())
            let end = min(recording.samples.count, Int((found.upperBound * rate).rounded()))
            return start < end ? start..<end : nil
        }
        let filled = TokenTimes.filled(
            spans, length: recording.samples.count, minimum: Int(Self.silentToken * rate))
        return TimedTokens(
            times: filled.map {
                Narration.Span(start: Double($0.lowerBound) / rate, end: Double($0.upperBound) / rate)
            },
            confidence: found?.confidence)
    }
}

/// Where recordings are aligned: off the cooperative pool, because a long one keeps a processor busy for seconds.
private actor AlignmentDesk {
    private let executor = BlockingExecutor(label: "alignment")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    func align(
        _ reference: MonoSamples, _ words: [Range<Double>], to recording: MonoSamples
    ) throws(AlignmentError) -> AlignedWords {
        try Aligner().align(reference: reference, words: words, recording: recording)
    }
}
