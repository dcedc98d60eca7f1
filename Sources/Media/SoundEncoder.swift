import CFFmpeg

/// Encodes the narration, with silence around it, as AAC.
final class SoundEncoder {
    private let graph: SoundGraph
    private let encoder: Encoder
    private let frame: Frame
    private var stream: UnsafeMutablePointer<AVStream>?
    private var samples = 0
    private var hasEnded = false

    init(
        _ plan: RenderPlan, loudness: Loudness, frameCount: Int, file: OutputFile, flag: CancellationFlag
    ) throws(MediaError) {
        let duration = Double(frameCount) / Double(plan.frameRate)
        // The encoder begins with 1,024 samples of its own, and without an edit list nothing tells a player to skip
        // them: that much of the silence is left out, so that the sound is not 21 ms late.
        let priming = Double(SoundGraph.frameLength) / Double(SoundGraph.rate)
        graph = try SoundGraph(
            plan.narration,
            SoundGraph.Settings(
                gain: loudness.gain, ceiling: loudness.ceiling, silenceBefore: plan.leadIn - priming,
                silenceAfter: max(0, duration - plan.leadIn - loudness.duration), duration: loudness.duration),
            flag: flag)
        frame = try Frame()
        let wantsGlobalHeaders = file.wantsGlobalHeaders
        encoder = try Encoder("aac") { context in
            context.sample_fmt = AV_SAMPLE_FMT_FLTP
            context.sample_rate = Int32(SoundGraph.rate)
            context.bit_rate = Int64(plan.encoding.audioBitRate)
            context.time_base = AVRational(num: 1, den: Int32(SoundGraph.rate))
            av_channel_layout_default(&context.ch_layout, 2)
            if wantsGlobalHeaders { context.flags |= AV_CODEC_FLAG_GLOBAL_HEADER }
        }
    }

    func addStream(to file: OutputFile) throws(MediaError) { stream = try file.add(encoder) }

    /// Writes the sound up to a second of the video, or all that is left.
    func write(until second: Double, to file: OutputFile) throws(MediaError) {
        guard let stream else { return }
        while !hasEnded, Double(samples) < second * Double(SoundGraph.rate) {
            if try graph.next(into: frame) {
                frame.time = Int64(samples)
                samples += frame.sampleCount
                try encoder.send(frame)
            } else {
                hasEnded = true
                try encoder.send(nil)
            }
            try file.write(from: encoder, to: stream)
        }
    }
}
