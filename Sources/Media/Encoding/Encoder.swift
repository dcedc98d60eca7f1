import CFFmpeg

/// Turns frames into packets.
final class Encoder {
    let name: String
    private(set) var context: UnsafeMutablePointer<AVCodecContext>?

    /// - Parameters:
    ///   - name: FFmpeg's name of the encoder.
    ///   - options: the encoder's own options, by FFmpeg's names; one that it doesn't know is an error.
    ///   - setUp: sets the fields that all encoders share.
    init(
        _ name: String, options: KeyValuePairs<String, String> = [:],
        _ setUp: (inout AVCodecContext) -> Void
    ) throws(MediaError) {
        self.name = name
        guard let codec = avcodec_find_encoder_by_name(name) else {
            throw MediaError(
                .unsupported, "find encoder \(name)", status: YT_AVERROR_ENCODER_NOT_FOUND,
                reason: "this FFmpeg was built without it")
        }
        let allocated = try require(avcodec_alloc_context3(codec), "allocate encoder")
        context = allocated
        LogTranscript.follow(allocated)
        setUp(&allocated.pointee)
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

    /// Nil: no more frames follow. The frame may be let go of afterwards.
    func send(_ frame: Frame?) throws(MediaError) {
        try check(avcodec_send_frame(context, frame?.pointer), "encode with \(name)")
    }

    /// False: it needs another frame, or the end was reached.
    func receive(into packet: Packet) throws(MediaError) -> Bool {
        let status = avcodec_receive_packet(context, packet.pointer)
        if status == YT_AVERROR_EAGAIN || status == YT_AVERROR_EOF { return false }
        try check(status, "encode with \(name)")
        return true
    }
}
