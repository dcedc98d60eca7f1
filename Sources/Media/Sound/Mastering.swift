import Foundation

/// What brings a mix to where YouTube plays it: an amplification, and a limiter where peaks would go too high.
struct Mastering: Equatable {
    /// LUFS. Louder videos are turned down to it, quieter ones are not turned up.
    static let target = -14.0
    /// dBTP that the published sound does not exceed.
    static let greatestPeak = -1.0
    /// dBTP before the sound is encoded: AAC adds some tenths of a decibel to a peak.
    private static let ceiling = -1.7

    /// Decibels.
    private(set) var gain = 0.0
    /// dBTP; nil where no peak comes near it.
    private(set) var ceiling: Double?

    /// Finds what `mix` needs. The limiter takes loudness away: each round gives back what the last one lost.
    ///
    /// - Parameters:
    ///   - loudness: of the mix; nil for silence, which stays what it is.
    ///   - peak: of the mix.
    init(_ mix: MixFile, loudness: Double?, peak: Double?, flag: CancellationFlag) throws(MediaError) {
        guard let loudness, let peak else { return }
        gain = min(Self.target - loudness, SoundMix.greatestGain)
        guard peak + gain > Self.ceiling else { return }
        ceiling = Self.ceiling
        try settle(mix, flag: flag)
    }

    private mutating func settle(_ mix: MixFile, flag: CancellationFlag) throws(MediaError) {
        for _ in 0..<4 {
            let (gauge, block) = (try LoudnessGauge(), StereoBlock())
            let master = try Master(mix, self)
            while try master.next(into: block) {
                try flag.check("measure sound")
                try gauge.hear(block)
            }
            guard let heard = try gauge.integrated(), abs(heard - Self.target) > 0.1 else { return }
            gain = min(gain + Self.target - heard, SoundMix.greatestGain)
        }
    }

    /// The same for when the encoded sound is not where it should be; nil: it is.
    ///
    /// - Parameters:
    ///   - loudness: of the encoded sound, LUFS.
    ///   - peak: of the encoded sound, dBTP.
    func corrected(
        for mix: MixFile, loudness: Double?, peak: Double?, flag: CancellationFlag
    ) throws(MediaError) -> Mastering? {
        guard let loudness, let peak else { return nil }
        var better = self
        if peak > Self.greatestPeak - 0.02 {
            better.ceiling = min(ceiling ?? Self.ceiling, Self.ceiling) - (peak - Self.greatestPeak) - 0.2
            try better.settle(mix, flag: flag)
            return better
        }
        // What the limiter can't reach is left as it is.
        guard abs(loudness - Self.target) > 0.35, ceiling == nil, gain < SoundMix.greatestGain else { return nil }
        better.gain = min(gain + Self.target - loudness, SoundMix.greatestGain)
        return better
    }
}

/// A mix as it is published, read from its file.
final class Master {
    private let mix: MixFile
    private let gain: Float
    private let limiter: PeakLimiter?
    /// What the limiter has made too early to be heard, and what it still owes.
    private let (ready, tail) = (StereoBlock(), StereoBlock())
    private var isPrimed = false
    private var hasEnded = false

    init(_ mix: MixFile, _ mastering: Mastering) throws(MediaError) {
        try mix.rewind()
        self.mix = mix
        gain = StereoBlock.factor(decibels: mastering.gain)
        limiter = mastering.ceiling.map { PeakLimiter(ceiling: $0) }
    }

    /// The next block; false at the end. The limiter's delay is taken out again.
    func next(into block: StereoBlock) throws(MediaError) -> Bool {
        guard let limiter else {
            guard try mix.read(into: block) else { return false }
            block.scale(gain)
            return true
        }
        if !isPrimed {
            isPrimed = true
            guard try limited(into: ready, limiter) else { return false }
        }
        if hasEnded { return false }
        let delay = PeakLimiter.delay
        let early = StereoBlock.length - delay
        let hasMore = try limited(into: tail, limiter)
        block.left.update(from: ready.left + delay, count: early)
        block.right.update(from: ready.right + delay, count: early)
        (block.left + early).update(from: tail.left, count: delay)
        (block.right + early).update(from: tail.right, count: delay)
        ready.clear()
        ready.add(tail)
        hasEnded = !hasMore
        return true
    }

    /// False: the mix was over, and what came is the rest that the limiter held.
    private func limited(into block: StereoBlock, _ limiter: PeakLimiter) throws(MediaError) -> Bool {
        let hasMore = try mix.read(into: block)
        if hasMore { block.scale(gain) } else { block.clear() }
        limiter.limit(block)
        return hasMore
    }
}
