import Narrating
import OfflineVoice
import Production
import Speech

/// Finds the words of a passage in what a voice made of it without telling their times.
struct WordsInSound: Sendable {
    private let timing: TimedByOfflineVoice

    init(provider: ProviderName) { timing = TimedByOfflineVoice(provider: provider) }

    /// Tokens from which on it can be told whether a sound says them. With fewer a voice that is unlike the offline one is
    /// taken for other words now and then.
    private static let enough = 12

    /// What they are compared with. Asked for before anything is paid for: it fails where the language is not spoken here.
    func reference(for passage: Passage, language: String) async throws -> ReferenceSpeech {
        try await timing.reference(for: passage.tokens, language: language)
    }

    /// - Parameter sound: as it came.
    /// - Throws: a permanent `StageFailure` if the sound says something else. Of a short one nobody knows: it is paid for and
    ///   most likely right, so its words are spread over it as the offline voice would say them.
    func spoken(_ passage: Passage, as reference: ReferenceSpeech, in sound: Sound) async throws -> SpokenPassage {
        let heard = sound.trimmed(margin: SpokenPassage.margin)
        do {
            let timed = try await timing.times(of: passage.tokens, as: reference, in: heard)
            return SpokenPassage(sound: heard, times: timed.times)
        } catch {
            guard error.kind == .permanent, passage.tokens.count < Self.enough,
                let times = Self.spread(reference.times, over: heard)
            else { throw error }
            var spoken = SpokenPassage(sound: heard, times: times)
            spoken.isGuessed = true
            return spoken
        }
    }

    /// Nil if nothing is heard.
    private static func spread(_ times: [Range<Double>?], over sound: Sound) -> [Narration.Span]? {
        let known = times.compactMap(\.self)
        let (rate, room) = (Double(sound.sampleRate), sound.duration - 2 * SpokenPassage.margin)
        guard let first = known.first?.lowerBound, let last = known.last?.upperBound, last > first, room > 0.1,
            sound.samples.count >= times.count
        else { return nil }
        let scale = room / (last - first)
        func sample(_ time: Double) -> Int { Int((SpokenPassage.margin + (time - first) * scale) * rate) }
        let spans = times.map { time -> Range<Int>? in
            guard let time, sample(time.lowerBound) < sample(time.upperBound) else { return nil }
            return sample(time.lowerBound)..<min(sample(time.upperBound), sound.samples.count)
        }
        return TokenTimes.filled(spans, length: sound.samples.count, minimum: 1).map {
            Narration.Span(start: Double($0.lowerBound) / rate, end: Double($0.upperBound) / rate)
        }
    }
}
