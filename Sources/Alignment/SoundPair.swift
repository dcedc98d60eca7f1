/// The two recordings as they are compared: the reference's words, and all of the recording.
struct SoundPair {
    /// For each word the sounds it is made of, at least one.
    let words: [FeatureMatrix]
    /// The recording, frame by frame.
    let frames: FeatureMatrix
    /// For each frame of the recording whether surely nobody speaks.
    let silent: [Bool]
    /// For each frame of the recording whether somebody speaks, or rests for a moment only.
    let spoken: [Bool]
    let audible: AudibleFrames

    init(
        reference: MonoSamples, words: [Range<Double>], recording: MonoSamples
    ) throws(AlignmentError) {
        let (reference, recording) = (reference.thinned(), recording.thinned())
        let highest = min(MelSpectrum.highest, 0.45 * min(reference.sampleRate, recording.sampleRate))
        let heard = MelSpectrum(recording, hop: Aligner.hop, highest: highest)
        let activity = SpeechActivity(heard)
        guard activity.duration > 0, recording.samples.contains(where: { abs($0) > 1e-4 }) else {
            throw AlignmentError(.nothingHeard, "nothing is heard in the recording")
        }
        // Frames of the reference are as much longer as it is spoken more slowly, so that the straight way is the likeliest.
        let ratio = Self.spokenDuration(of: words) / activity.duration
        guard (0.3...3.3).contains(ratio) else {
            throw AlignmentError(
                .otherLength,
                "the words take about \(Self.spokenDuration(of: words)) s to say, and \(activity.duration) s of speech are heard"
            )
        }
        let known = MelSpectrum(reference, hop: Aligner.hop * ratio, highest: highest)
        let ranges = words.map { word in
            let first = min(known.count - 1, max(0, Int((word.lowerBound / known.hop).rounded())))
            return first..<min(known.count, max(first + 1, Int((word.upperBound / known.hop).rounded())))
        }
        var isWord = [Bool](repeating: false, count: known.count)
        for range in ranges { for frame in range { isWord[frame] = true } }
        let levels = BandLevels(heard, spoken: activity.spoken, silent: activity.silent)
        let knownLevels = BandLevels(known, spoken: isWord, silent: isWord.map { _ in false })
        frames = Cepstra.features(of: heard, noise: levels.noise(beside: knownLevels), normal: activity.spoken)
        let sounds = Cepstra.features(of: known, noise: knownLevels.noise(beside: levels), normal: isWord)
        self.words = ranges.map { sounds.means(of: $0.map { $0..<($0 + 1) }) }
        audible = AudibleFrames(of: recording, silent: activity.silent)
        (silent, spoken) = (activity.silent, activity.spoken)
    }

    /// Seconds, with the rests that are too short to be told from speech.
    private static func spokenDuration(of words: [Range<Double>]) -> Double {
        var duration = 0.0
        var end: Double?
        for word in words {
            if let end, word.lowerBound - end <= SpeechActivity.pause { duration += word.lowerBound - end }
            duration += word.upperBound - word.lowerBound
            end = word.upperBound
        }
        return duration
    }
}

/// How loud speech and noise are in each band of a recording.
private struct BandLevels {
    let speech: [Float]
    /// Zero where the recording has no silence to measure it in.
    let noise: [Float]

    init(_ spectrum: MelSpectrum, spoken: [Bool], silent: [Bool]) {
        func mean(_ frames: [Bool]) -> [Float] {
            let bands = MelSpectrum.bands
            var sums = [Double](repeating: 0, count: bands)
            var count = 0.0
            for frame in 0..<spectrum.count where frames[frame] {
                count += 1
                for band in 0..<bands { sums[band] += Double(spectrum.power[frame * bands + band]) }
            }
            return sums.map { Float($0 / max(1, count)) }
        }
        speech = mean(spoken).map { max($0, 1e-12) }
        noise = silent.count { $0 } < 5 ? speech.map { _ in 0 } : mean(silent)
    }

    /// What to add to this recording's bands, so that its sounds drown where the other's do: there is nothing to compare
    /// in a band in which one of the two has nothing but noise. At least 50 dB below the speech.
    func noise(beside other: BandLevels) -> [Float] {
        speech.indices.map { band in speech[band] * max(1e-5, min(1, other.noise[band] / other.speech[band])) }
    }
}
