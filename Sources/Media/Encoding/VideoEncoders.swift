import CFFmpeg
import Foundation

/// The settings of each video encoder. The same picture comes of all: H.264 High, closed groups of half a second, at most
/// two B-frames in a row, constant quality below a peak, BT.709.
struct VideoEncoders {
    let encoding: VideoEncoding
    let size: FrameSize
    let frameRate: Int
    /// How many of them work side by side.
    let lanes: Int
    let wantsGlobalHeaders: Bool

    init(encoding: VideoEncoding, size: FrameSize, frameRate: Int, lanes: Int, wantsGlobalHeaders: Bool) {
        (self.encoding, self.size, self.frameRate) = (encoding, size, frameRate)
        (self.lanes, self.wantsGlobalHeaders) = (lanes, wantsGlobalHeaders)
    }

    /// For the pieces of `cut`: joining them needs the headers in front.
    init(_ cut: Cut, lanes: Int) {
        self.init(
            encoding: cut.encoding, size: cut.size, frameRate: cut.frameRate, lanes: lanes, wantsGlobalHeaders: true)
    }

    /// Frames from key frame to key frame: half a second.
    static func groupLength(frameRate: Int) -> Int { max(1, frameRate / 2) }

    func software() throws(MediaError) -> Encoder {
        try Encoder(
            "libx264",
            options: [
                "preset": encoding.preset.rawValue, "profile": "high", "crf": "\(encoding.quality)",
                "sc_threshold": "0", "forced-idr": "1",
            ], setUp)
    }

    /// - Parameters:
    ///   - isPlain: without what only newer chips do.
    ///   - frames: the GPU's memory that it takes pictures from.
    func nvenc(isPlain: Bool, frames: HardwareFrames?) throws(MediaError) -> Encoder {
        try Encoder(EncoderLadder.hardware, options: nvencOptions(isPlain: isPlain), frames: frames) { context in
            setUp(&context)
            if isPlain { context.max_b_frames = 0 }
        }
    }

    /// By FFmpeg's names. B-frames that are referred to, adaptive quantisation over time and looking ahead are checked against
    /// the chip, and refuse the whole session where it lacks them.
    func nvencOptions(isPlain: Bool) -> KeyValuePairs<String, String> {
        if isPlain {
            return [
                "preset": "p4", "tune": "hq", "profile": "high", "rc": "vbr", "cq": "\(encoding.quality)",
                "no-scenecut": "1", "forced-idr": "1",
            ]
        }
        return [
            "preset": "p5", "tune": "hq", "profile": "high", "rc": "vbr", "cq": "\(encoding.quality)",
            "multipass": "qres", "rc-lookahead": "20", "spatial-aq": "1", "temporal-aq": "1", "aq-strength": "8",
            "b_ref_mode": "middle", "strict_gop": "1", "no-scenecut": "1", "forced-idr": "1", "coder": "cabac",
        ]
    }

    private func setUp(_ context: inout AVCodecContext) {
        context.width = Int32(size.width)
        context.height = Int32(size.height)
        context.pix_fmt = AV_PIX_FMT_YUV420P
        context.time_base = AVRational(num: 1, den: Int32(frameRate))
        context.framerate = AVRational(num: Int32(frameRate), den: 1)
        context.sample_aspect_ratio = AVRational(num: 1, den: 1)
        context.gop_size = Int32(Self.groupLength(frameRate: frameRate))
        context.keyint_min = context.gop_size
        context.max_b_frames = 2
        context.rc_max_rate = Int64(encoding.peakBitRate)
        context.rc_buffer_size = Int32(encoding.peakBitRate * 3 / 2)
        context.colorspace = AVCOL_SPC_BT709
        context.color_primaries = AVCOL_PRI_BT709
        context.color_trc = AVCOL_TRC_BT709
        context.color_range = AVCOL_RANGE_MPEG
        context.chroma_sample_location = AVCHROMA_LOC_LEFT
        // One by itself takes libx264's own choice, up to eight: each thread holds frames, and more make a video hardly
        // faster. Several keep the processors busy with one thread each, and need less.
        let automatic = lanes > 1 ? 1 : min(8, max(1, ProcessInfo.processInfo.activeProcessorCount * 3 / 2))
        context.thread_count = Int32(encoding.threads > 0 ? encoding.threads : automatic)
        context.flags |= Int32(bitPattern: AV_CODEC_FLAG_CLOSED_GOP)
        if wantsGlobalHeaders { context.flags |= AV_CODEC_FLAG_GLOBAL_HEADER }
    }
}
