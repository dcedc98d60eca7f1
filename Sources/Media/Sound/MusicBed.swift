import Foundation

/// The music of a video, as loud beside the voice as it is to be.
struct MusicBed {
    let source: any StereoSource
    /// Decibels.
    let gain: Double
    /// Seconds in which it comes and goes.
    let rise: Double
    let fall: Double

    /// Seconds. A composed piece has a beginning and an end of its own; a file is cut wherever the video ends.
    private static let fades = (rise: 1.5, fall: 4.0)
    private static let composedFades = (rise: 0.3, fall: 1.0)
    /// Of a file, for its loudness: an hour is more than a piece of music has.
    private static let measured = 3600.0

    init(
        _ music: SoundTrack.Music, duration: Double, limits: MediaLimits, flag: CancellationFlag
    ) throws(MediaError) {
        let target = SoundMix.voice + music.level
        switch music.source {
        case .file(let path):
            let heard = try Heard(path, part: nil, limit: Self.measured, limits: limits, flag: flag)
            if let loudness = heard.loudness {
                source = try LoopedSound(path, heard: heard, limits: limits, flag: flag)
                gain = min(target - loudness, SoundMix.greatestGain)
            } else {
                (source, gain) = (Silence(), 0)
            }
            (rise, fall) = Self.fades
        case .composed(let seed, let mood):
            let piece = Composition(seed: seed, mood: mood, duration: duration)
            gain = target - (try Self.loudness(of: piece, flag: flag))
            source = Performance(of: piece)
            (rise, fall) = Self.composedFades
        }
    }

    /// LUFS of its first minute: it is as loud later on. Playing all of it would double the time.
    private static func loudness(of piece: Composition, flag: CancellationFlag) throws(MediaError) -> Double {
        let (player, block, gauge) = (Performance(of: piece), StereoBlock(), try LoudnessGauge())
        for _ in 0..<min(60, max(1, Int(piece.duration))) * StereoBlock.rate / StereoBlock.length {
            try flag.check("measure music")
            player.read(into: block)
            try gauge.hear(block)
        }
        return try gauge.integrated() ?? SoundMix.voice
    }
}

private final class Silence: StereoSource {
    func read(into block: StereoBlock) { block.clear() }
}
