/// A part of a file that is heard once, from some moment of the video on.
final class PlacedSound: StereoSource {
    private let sound: DecodedSound
    private let gain: Float
    private let fades: Fades
    private let length: Int
    /// Samples until it begins; below zero while it is on.
    private var wait: Int

    /// Seconds. Long enough that a cut makes no click, too short to be noticed.
    private static let (rise, fall) = (0.01, 0.03)

    /// - Parameters:
    ///   - start: samples of the video.
    ///   - length: samples that there are of it, or less.
    init(
        _ part: SoundTrack.Part, start: Int, length: Int, gain: Double, limits: MediaLimits,
        flag: CancellationFlag
    ) throws(MediaError) {
        sound = try DecodedSound(part.file, part: part.part, limits: limits, flag: flag)
        self.gain = StereoBlock.factor(decibels: gain)
        (wait, self.length) = (start, length)
        fades = Fades(length: length, rise: Self.rise, fall: Self.fall)
    }

    func read(into block: StereoBlock) throws(MediaError) {
        block.clear()
        let offset = min(StereoBlock.length, max(0, wait))
        let position = offset - wait
        let wanted = min(StereoBlock.length - offset, length - position)
        wait -= StereoBlock.length
        guard wanted > 0 else { return }
        let count = try sound.read(into: block, at: offset, count: wanted)
        fades.apply(to: block, at: offset, count: count, position: position, gain: gain)
    }
}
