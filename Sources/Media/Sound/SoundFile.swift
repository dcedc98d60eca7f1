import CFFmpeg
import Foundation

/// All that is heard in a video, mixed, brought to ``Loudness/target`` and encoded as AAC: one file for the whole video.
struct SoundFile {
    private let cut: Cut

    init(_ cut: Cut) { self.cut = cut }

    /// Writes it to `path`, in FFmpeg's own container, with its loudness. The first sample heard is the video's first.
    func write(to path: String, flag: CancellationFlag) throws(MediaError) {
        let file = try OutputFile(path, format: "nut", flag: flag)
        let wantsGlobalHeaders = file.wantsGlobalHeaders
        let bitRate = cut.encoding.audioBitRate
        let encoder = try Encoder("aac") { context in
            context.sample_fmt = AV_SAMPLE_FMT_FLTP
            context.sample_rate = Int32(SoundGraph.rate)
            context.bit_rate = Int64(bitRate)
            context.time_base = AVRational(num: 1, den: Int32(SoundGraph.rate))
            av_channel_layout_default(&context.ch_layout, 2)
            if wantsGlobalHeaders { context.flags |= AV_CODEC_FLAG_GLOBAL_HEADER }
        }
        let stream = try file.add(encoder)
        let (graph, loudness) = try mix(flag: flag)
        try file.tag(Self.integratedTag, loudness.integrated.map { "\($0)" } ?? "")
        try file.tag(Self.peakTag, loudness.truePeak.map { "\($0)" } ?? "")
        try file.begin()
        let frame = try Frame()
        var samples = 0
        while let graph, try graph.next(into: frame) {
            try flag.check("encode sound")
            frame.time = Int64(samples)
            samples += frame.sampleCount
            try encoder.send(frame)
            try file.write(from: encoder, to: stream)
        }
        try encoder.send(nil)
        try file.write(from: encoder, to: stream)
        try file.finish()
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

    private func mix(flag: CancellationFlag) throws(MediaError) -> (SoundGraph?, Loudness) {
        guard let narration = cut.sound.narration else {
            throw MediaError(.invalid, "mix sound", reason: "a video without narration is not made yet")
        }
        let loudness = try Loudness.find(narration.file, flag: flag)
        // The encoder begins with 1,024 samples of its own, and without an edit list nothing tells a player to skip
        // them: that much of the silence is left out, so that the sound is not 21 ms late.
        let priming = Double(SoundGraph.frameLength) / Double(SoundGraph.rate)
        let graph = try SoundGraph(
            narration.file,
            SoundGraph.Settings(
                gain: loudness.gain, ceiling: loudness.ceiling, silenceBefore: max(0, narration.start - priming),
                silenceAfter: max(0, cut.duration - narration.start - loudness.duration),
                duration: loudness.duration), flag: flag)
        return (graph, loudness)
    }
}
