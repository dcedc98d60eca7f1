import CFFmpeg
import Foundation

/// Everything that is heard in a video, together: voice and films at their loudness, the music under them and out of their
/// way. What comes out is as loud as ``voice``, more or less; ``Mastering`` makes it exact.
final class SoundMix {
    /// LUFS, for the narration on its way through the mix: low enough for peaks, and known to what ducks the music.
    static let voice = -23.0
    /// Decibels. More would only lift a recording's noise.
    static let greatestGain = 40.0
    /// Decibels, for films: a quiet shot of a forest shall not roar.
    private static let greatestFilmGain = 12.0

    /// Of the whole video.
    let length: Int
    private let front: [any StereoSource]
    private let music: (source: any StereoSource, fades: Fades, gain: Float)?
    private let ducking: Ducking?
    private let (block, scratch, bed) = (StereoBlock(), StereoBlock(), StereoBlock())
    private let flag: CancellationFlag
    /// Samples read so far.
    private var position = 0

    /// Measures all files that are heard. Blocks.
    init(_ track: SoundTrack, duration: Double, limits: MediaLimits, flag: CancellationFlag) throws(MediaError) {
        self.flag = flag
        length = DecodedSound.samples(duration)
        var front: [any StereoSource] = []
        for (part, most) in [(track.narration, Self.greatestGain)] + track.others.map({ ($0, Self.greatestFilmGain) }) {
            guard let part else { continue }
            let heard = try Heard(
                part.file, part: part.part, limit: duration - part.start, limits: limits, flag: flag)
            let gain = heard.loudness.map { min(Self.voice - $0, most) } ?? 0
            front.append(
                try PlacedSound(
                    part, start: DecodedSound.samples(part.start),
                    length: min(heard.length, length - DecodedSound.samples(part.start)), gain: gain + part.gain,
                    limits: limits, flag: flag))
        }
        self.front = front
        let bed = try track.music.map { (music: SoundTrack.Music) throws(MediaError) in
            try MusicBed(music, duration: duration, limits: limits, flag: flag)
        }
        music = bed.map { bed in
            (
                bed.source, Fades(length: DecodedSound.samples(duration), rise: bed.rise, fall: bed.fall),
                StereoBlock.factor(decibels: bed.gain)
            )
        }
        ducking = music == nil || front.isEmpty ? nil : try Ducking()
    }

    /// The next block, the last one filled up with silence; false at the end.
    func next(into output: StereoBlock) throws(MediaError) -> Bool {
        guard position < length else { return false }
        try flag.check("mix sound")
        block.clear()
        for source in front {
            try source.read(into: scratch)
            block.add(scratch)
        }
        if let music {
            try music.source.read(into: bed)
            music.fades.apply(to: bed, at: 0, count: StereoBlock.length, position: position, gain: music.gain)
            if let ducking {
                try ducking.mix(bed, under: block, into: output)
            } else {
                output.clear()
                output.add(bed)
            }
        } else {
            output.clear()
            output.add(block)
        }
        position += StereoBlock.length
        return true
    }
}

/// Lets music give way to a voice: FFmpeg's compressor on the music, which listens to the voice.
private final class Ducking {
    private let graph: FilterGraph
    private let (music, voice, sink): (FilterGraph.Filter, FilterGraph.Filter, FilterGraph.Filter)
    private let frame: Frame
    private var samples = 0

    init() throws(MediaError) {
        (graph, frame) = (try FilterGraph(), try Frame())
        (music, voice) = (try graph.addStereoSource(), try graph.addStereoSource())
        let split = try graph.add("asplit", ["outputs": "2"])
        // A voice at -23 LUFS is some ten decibels above the threshold: the music goes down by eight to ten. It does within a
        // syllable, and comes back in pauses, not between words.
        let duck = try graph.add(
            "sidechaincompress",
            [
                "threshold": "0.018", "ratio": "6", "attack": "25", "release": "450", "knee": "4", "makeup": "1",
                "detection": "rms", "link": "maximum",
            ])
        let mix = try graph.add("amix", ["inputs": "2", "normalize": "0", "duration": "first"])
        let format = try graph.add(
            "aformat",
            ["sample_fmts": "fltp", "sample_rates": "\(StereoBlock.rate)", "channel_layouts": "stereo"])
        sink = try graph.add("abuffersink")
        try graph.link(voice, to: split)
        try graph.link(music, to: duck, input: 0)
        try graph.link(split, output: 0, to: duck, input: 1)
        try graph.link(split, output: 1, to: mix, input: 0)
        try graph.link(duck, to: mix, input: 1)
        try graph.link(mix, to: format)
        try graph.link(format, to: sink)
        try graph.ready()
        av_buffersink_set_frame_size(sink, UInt32(StereoBlock.length))
    }

    /// A block in, a block out: none of these filters holds anything back.
    func mix(_ bed: StereoBlock, under front: StereoBlock, into output: StereoBlock) throws(MediaError) {
        try graph.push(Frame(bed, time: samples), into: music)
        try graph.push(Frame(front, time: samples), into: voice)
        samples += StereoBlock.length
        guard try graph.pull(from: sink, into: frame) else {
            throw MediaError(.failed, "mix sound", reason: "the filters took a block and gave none back")
        }
        output.copy(frame)
    }
}
