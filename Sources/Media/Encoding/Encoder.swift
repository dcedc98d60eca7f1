import CFFmpeg

/// Turns frames into packets.
final class Encoder {
    let name: String
    private(set) var context: UnsafeMutablePointer<AVCodecContext>?
    /// Where frames go before it takes them; nil: it takes them as they are.
    private let upload: HardwareFrames?
    /// Closed after the encoder; nil: it needs none.
    var session: HardwareSession?

    /// - Parameters:
    ///   - name: FFmpeg's name of the encoder.
    ///   - options: the encoder's own options, by FFmpeg's names; one that it doesn't know is an error.
    ///   - frames: the GPU's memory that it takes pictures from.
    ///   - setUp: sets the fields that all encoders share.
    init(
        _ name: String, options: KeyValuePairs<String, String> = [:], frames: HardwareFrames? = nil,
        _ setUp: (inout AVCodecContext) -> Void
    ) throws(MediaError) {
        (self.name, upload) = (name, frames)
        guard let codec = avcodec_find_encoder_by_name(name) else {
            throw MediaError(
                .unsupported, "find encoder \(name)", status: YT_AVERROR_ENCODER_NOT_FOUND,
                reason: "this FFmpeg was built without it")
        }
        let allocated = try require(avcodec_alloc_context3(codec), "allocate encoder")
        context = allocated
        LogTranscript.follow(allocated)
        setUp(&allocated.pointee)
        if let frames {
            allocated.pointee.pix_fmt = AV_PIX_FMT_CUDA
            allocated.pointee.hw_frames_ctx = av_buffer_ref(frames.reference)
        }
        for (key, value) in options {
            try check(
                av_opt_set(allocated, key, value, AV_OPT_SEARCH_CHILDREN), "set option \(key)=\(value) of \(name)")
        }
        try check(avcodec_open2(allocated, codec, nil), "open encoder \(name)")
    }

    deinit {
        if let context { LogTranscript.ignore(context) }
        avcodec_free_context(&context)
    }

    var timeBase: AVRational { context?.pointee.time_base ?? AVRational(num: 0, den: 1) }

    /// What it writes once, in front of all frames; empty where it writes that into each key frame.
    var header: [UInt8] {
        guard let context, let bytes = context.pointee.extradata else { return [] }
        return Array(UnsafeBufferPointer(start: bytes, count: Int(context.pointee.extradata_size)))
    }

    /// Nil: no more frames follow. The frame may be let go of afterwards.
    func send(_ frame: Frame?) throws(MediaError) {
        try noting { () throws(MediaError) in
            guard let frame, let upload else {
                _ = try check(avcodec_send_frame(context, frame?.pointer), "encode with \(name)")
                return
            }
            let copy = try upload.upload(frame)
            try check(avcodec_send_frame(context, copy.pointer), "encode with \(name)")
        }
    }

    /// False: it needs another frame, or the end was reached.
    func receive(into packet: Packet) throws(MediaError) -> Bool {
        try noting { () throws(MediaError) in
            let status = avcodec_receive_packet(context, packet.pointer)
            if status == YT_AVERROR_EAGAIN || status == YT_AVERROR_EOF { return false }
            try check(status, "encode with \(name)")
            return true
        }
    }

    /// A failure of the GPU is told to whoever decides what the video is made with instead.
    private func noting<Result>(_ work: () throws(MediaError) -> Result) throws(MediaError) -> Result {
        do throws(MediaError) {
            return try work()
        } catch {
            session?.fail(error)
            throw error
        }
    }
}
