import CFFmpeg
import Foundation

/// All that is heard in a video, mixed, brought to ``Mastering/target`` and encoded as AAC: one file for the whole video.
struct SoundFile {
    private let cut: Cut
    private let limits: MediaLimits

    /// - Parameter limits: of each file that is heard.
    init(_ cut: Cut, limits: MediaLimits = MediaLimits()) { (self.cut, self.limits) = (cut, limits) }

    /// Writes it to `path`, in FFmpeg's own container, with the loudness that was measured on it. The first sample heard is
    /// the video's first. Beside it lie two files of its own while it works.
    func write(to path: String, flag: CancellationFlag) throws(MediaError) {
        let (mix, mixed) = try mix(to: path + ".mix", flag: flag)
        var mastering = try Mastering(mix, loudness: mixed.loudness, peak: mixed.peak, flag: flag)
        let draft = path + ".draft"
        defer { unlink(draft) }
        for round in 1... {
            try encode(mix, mastering, to: draft, flag: flag)
            let heard = try Self.inspect(draft, flag: flag)
            let better = try mastering.corrected(for: mix, loudness: heard.loudness, peak: heard.peak, flag: flag)
            guard let better, round < 4 else { return try label(draft, heard, as: path, flag: flag) }
            mastering = better
        }
    }

    /// What a file that ``write(to:flag:)`` has written says of itself.
    static func loudness(of path: String, flag: CancellationFlag) throws(MediaError) -> (
        integrated: Double?, truePeak: Double?
    ) {
        let tags = try PieceReader(path, AVMEDIA_TYPE_AUDIO, flag: flag).tags
        return (tags[integratedTag].flatMap(Double.init), tags[peakTag].flatMap(Double.init))
    }

    private static let integratedTag = "integrated_lufs"
    private static let peakTag = "true_peak_dbtp"

    private typealias Level = (loudness: Double?, peak: Double?)

    private func mix(to path: String, flag: CancellationFlag) throws(MediaError) -> (MixFile, Level) {
        let mix = try SoundMix(cut.sound, duration: cut.duration, limits: limits, flag: flag)
        let (file, block) = (try MixFile(path), StereoBlock())
        let (gauge, peaks) = (try LoudnessGauge(), TruePeakGauge())
        while try mix.next(into: block) {
            try gauge.hear(block)
            peaks.hear(block)
            try file.append(block)
        }
        return (file, (try gauge.integrated(), peaks.decibels))
    }

    private func encode(
        _ mix: MixFile, _ mastering: Mastering, to path: String, flag: CancellationFlag
    ) throws(MediaError) {
        let file = try OutputFile(path, format: "nut", flag: flag)
        let wantsGlobalHeaders = file.wantsGlobalHeaders
        let bitRate = cut.encoding.audioBitRate
        // The other coder needs twice the time, and at such bit rates doesn't sound better (FFmpeg's commit fcb681ac).
        let encoder = try Encoder("aac", options: ["aac_coder": "fast"]) { context in
            context.sample_fmt = AV_SAMPLE_FMT_FLTP
            context.sample_rate = Int32(StereoBlock.rate)
            context.bit_rate = Int64(bitRate)
            context.time_base = AVRational(num: 1, den: Int32(StereoBlock.rate))
            av_channel_layout_default(&context.ch_layout, 2)
            if wantsGlobalHeaders { context.flags |= AV_CODEC_FLAG_GLOBAL_HEADER }
        }
        let stream = try file.add(encoder)
        try file.begin()
        let (master, block) = (try Master(mix, mastering), StereoBlock())
        // The encoder begins with 1,024 samples of its own, and without an edit list nothing tells a player to skip them: that
        // much of the beginning, one block, is left out, so that the sound is not 21 ms late.
        _ = try master.next(into: block)
        var samples = 0
        while try master.next(into: block) {
            try flag.check("encode sound")
            let count = min(StereoBlock.length, DecodedSound.samples(cut.duration) - StereoBlock.length - samples)
            guard count > 0 else { break }
            try encoder.send(Frame(block, count: count, time: samples))
            samples += count
            try file.write(from: encoder, to: stream)
        }
        // A video shorter than a block is heard as silence.
        if samples == 0 { try encoder.send(Frame(StereoBlock(), time: 0)) }
        try encoder.send(nil)
        try file.write(from: encoder, to: stream)
        try file.finish()
    }

    /// Listens to what players will hear.
    private static func inspect(_ path: String, flag: CancellationFlag) throws(MediaError) -> Level {
        let (sound, block) = (try DecodedSound(path, flag: flag), StereoBlock())
        let (gauge, peaks) = (try LoudnessGauge(), TruePeakGauge())
        while true {
            try flag.check("measure sound")
            let count = try sound.read(into: block, count: StereoBlock.length)
            if count == 0 { break }
            (block.left + count).update(repeating: 0, count: StereoBlock.length - count)
            (block.right + count).update(repeating: 0, count: StereoBlock.length - count)
            try gauge.hear(block, count: count)
            peaks.hear(block)
        }
        block.clear()
        peaks.hear(block)
        return (try gauge.integrated(), peaks.decibels)
    }

    /// Copies the draft, now that it is known what its header is to say.
    private func label(_ draft: String, _ heard: Level, as path: String, flag: CancellationFlag) throws(MediaError) {
        let source = try PieceReader(draft, AVMEDIA_TYPE_AUDIO, flag: flag)
        let file = try OutputFile(path, format: "nut", flag: flag)
        let timeBase = source.stream.pointee.time_base
        let stream = try file.add(copyOf: source.stream, timeBase: timeBase)
        if let loudness = heard.loudness { try file.tag(Self.integratedTag, "\(loudness)") }
        if let peak = heard.peak { try file.tag(Self.peakTag, "\(peak)") }
        try file.begin()
        let packet = try Packet()
        while try source.next(into: packet) { try file.write(packet, in: timeBase, to: stream) }
        try file.finish()
    }
}
