/// Where in a sound something is heard: a curve of short frames, each audible or not.
///
/// Speech engines end their utterances, and surround commas, with almost silent samples; word times and pauses are
/// about what is heard.
struct Loudness {
    /// Samples in a frame: 5 ms.
    let frame: Int
    private let audible: [Bool]
    /// Samples of the whole sound.
    private let count: Int

    /// Of the sound's own peak: 44 dB below it. The engines' pauses lie lower; of the softest consonants, only the fading
    /// end does.
    private static let threshold = 0.006
    /// Below this root mean square nothing counts as heard, however soft the sound is as a whole.
    private static let floor = 12.0

    init(of sound: Sound) {
        let frame = max(1, sound.sampleRate / 200)
        let limit = max(Self.floor, Double(sound.peak) * Self.threshold)
        let energyLimit = Int(limit * limit) * frame
        audible = sound.samples.withUnsafeBufferPointer { samples in
            var audible: [Bool] = []
            audible.reserveCapacity(samples.count / frame + 1)
            var start = 0
            while start < samples.count {
                let end = min(start + frame, samples.count)
                var energy = 0
                var index = start
                while index < end {
                    let sample = Int(samples[index])
                    energy &+= sample &* sample
                    index &+= 1
                }
                audible.append(energy > energyLimit)
                start = end
            }
            return audible
        }
        self.frame = frame
        count = sound.samples.count
    }

    /// The part of `range` from the first to the last audible frame; nil if nothing in it is heard.
    func audiblePart(of range: Range<Int>) -> Range<Int>? {
        // A frame that goes on beyond the range is heard for what comes after it: with the onset of the next word in it, a
        // word would seem to last through the pause between them.
        let frames = (range.lowerBound / frame)..<(range.upperBound >= count ? audible.count : range.upperBound / frame)
        guard frames.lowerBound < frames.upperBound, let first = frames.first(where: { audible[$0] }),
            let last = frames.last(where: { audible[$0] })
        else { return nil }
        let start = max(range.lowerBound, first * frame)
        let end = min(range.upperBound, (last + 1) * frame)
        return start < end ? start..<end : nil
    }
}
