import CFFmpeg

/// Makes one whole picture of each pair of fields, by FFmpeg's `bwdif`. It looks at the frame before and the one after, so what
/// comes out is one frame behind what goes in.
final class Deinterlacer {
    private let graph: FilterGraph
    private let source: FilterGraph.Filter
    private let sink: FilterGraph.Filter
    private let timeBase: AVRational
    private let kind: PictureKind
    private let format: AVPixelFormat

    /// - Parameter timeBase: of the frames' times, in and out.
    init(like frame: Frame, timeBase: AVRational) throws(MediaError) {
        (self.timeBase, kind, format) = (timeBase, PictureKind(frame), frame.pixelFormat)
        graph = try FilterGraph(threads: 1)
        source = try graph.add(
            "buffer",
            [
                "video_size": "\(frame.width)x\(frame.height)",
                "pix_fmt": av_get_pix_fmt_name(frame.pixelFormat).map { String(cString: $0) } ?? "none",
                "time_base": "\(timeBase.num)/\(timeBase.den)", "pixel_aspect": "1/1",
            ])
        let filter = try graph.add("bwdif", ["mode": "send_frame", "deint": "interlaced"])
        sink = try graph.add("buffersink")
        try graph.chain([source, filter, sink])
    }

    /// Frames of another kind than the first need another one.
    func takes(_ frame: Frame) -> Bool { PictureKind(frame) == kind && frame.pixelFormat == format }

    /// Takes over the frame's samples; nil: no more follow.
    func push(_ frame: Frame?) throws(MediaError) { try graph.push(frame, into: source) }

    /// False: it needs another frame, or the end was reached.
    func pull(into frame: Frame) throws(MediaError) -> Bool {
        guard try graph.pull(from: sink, into: frame) else { return false }
        if frame.time != YT_NOPTS_VALUE {
            frame.time = av_rescale_q(frame.time, av_buffersink_get_time_base(sink), timeBase)
        }
        return true
    }
}
