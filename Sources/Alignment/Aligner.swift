/// Finds when the words of a recording are heard, by another recording of the same words whose times are known.
///
/// The reference's sounds become a chain of states, with a silence that may be left out between two words
/// (`StateChain`); the likeliest way of the recording through it (`Trellis`) tells the times. It is found in coarse steps
/// first, then in fine ones near the coarse way, so that time and memory grow with the length alone. The first way
/// teaches how the reference's voice becomes the recording's (`Adaptation`), with which the next one is found.
public struct Aligner: Sendable {
    /// Seconds between two frames of the recording.
    static let hop = 0.01
    /// Frames in a coarse step.
    static let coarse = 4
    /// States around the coarse way in which the fine one is looked for.
    static let band = 192

    /// Nats a frame that the reference tells of a recording of other words: measured on other texts and languages, 1.0 to
    /// 1.4 in a minute, up to 2.2 in ten seconds. Of the same words by another voice it tells 6 to 11 in a minute, and at
    /// least 4.6 in ten seconds.
    private static let chance = 1.0
    private static let leastConfidence = 0.2
    /// Coarse steps of speech, ten seconds of it, below which other words can't be told from these.
    private static let framesToBeSure = 250

    var prices = StateChain.Prices()

    public init() {}

    /// - Parameters:
    ///   - reference: a recording of the same words; how loud, how fast and with which pauses does not matter.
    ///   - words: when each is heard in the reference, in seconds, in order and not overlapping.
    ///   - recording: at 8 kHz or more. Memory grows by about 20 MB a minute.
    public func align(
        reference: MonoSamples, words: [Range<Double>], recording: MonoSamples
    ) throws(AlignmentError) -> AlignedWords {
        guard !words.isEmpty else { return AlignedWords(times: [], confidence: nil) }
        guard reference.sampleRate >= 8_000, recording.sampleRate >= 8_000 else {
            throw AlignmentError(.nothingHeard, "a sample rate below 8 kHz is not enough for speech")
        }
        let pair = try SoundPair(reference: reference, words: words, recording: recording)
        let chain = StateChain(pair.words, prices: prices)
        guard chain.places.count <= pair.frames.count else {
            throw AlignmentError(
                .otherLength, "\(words.count) words are not in \(recording.duration) s of sound")
        }
        let coarse = try CoarseSearch(pair, prices: prices).result()
        let confidence = coarse.adaptation.flatMap { learned in
            learned.frames < Self.framesToBeSure ? nil : min(1, max(0, (learned.information - Self.chance) / 5))
        }
        if let confidence, confidence < Self.leastConfidence {
            throw AlignmentError(.otherWords, "what is heard does not sound like these words, but like other words")
        }
        var way = try fineWay(
            pair, chain, coarse.adaptation, around: coarse.middles(in: chain, frames: pair.frames.count))
        for _ in 0..<2 {
            let pairs = way.enumerated().compactMap { frame, state in
                chain.words[state] == nil ? nil : (sound: state, frame: frame)
            }
            let adaptation = Adaptation(from: chain.sounds, to: pair.frames, pairs: pairs)
            way = try fineWay(pair, chain, adaptation, around: way)
        }
        let times = pair.audible.refined(times(of: way, chain))
        return AlignedWords(
            times: times.map { min($0.lowerBound, recording.duration)..<min($0.upperBound, recording.duration) },
            confidence: confidence)
    }

    private func fineWay(
        _ pair: SoundPair, _ chain: StateChain, _ adaptation: Adaptation?, around middles: [Int]
    ) throws(AlignmentError) -> [Int] {
        let trellis = Trellis(frames: pair.frames, silent: pair.silent, chain: chain, adaptation: adaptation)
        guard let way = try trellis.way(around: middles, width: Self.band) else {
            throw AlignmentError(.otherWords, "no way was found through the recording")
        }
        return way.states
    }

    private func times(of way: [Int], _ chain: StateChain) -> [Range<Double>] {
        var first = [Int?](repeating: nil, count: chain.places.count)
        var last = first
        for (frame, state) in way.enumerated() {
            guard let word = chain.words[state] else { continue }
            if first[word] == nil { first[word] = frame }
            last[word] = frame
        }
        return zip(first, last).map { first, last in
            guard let first, let last else { return 0..<0 }
            return (Double(first) * Self.hop)..<(Double(last + 1) * Self.hop)
        }
    }
}
