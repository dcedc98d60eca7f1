import CFFmpeg

/// Turns packets into frames.
final class Decoder {
    private var context: UnsafeMutablePointer<AVCodecContext>?
    private let file: String

    /// - Parameters:
    ///   - threads: 0: as many as there are processors.
    ///   - mostPixels: a larger picture is refused before there is memory for it.
    init(
        _ stream: UnsafeMutablePointer<AVStream>, file: String, threads: Int = 0, mostPixels: Int? = nil
    ) throws(MediaError) {
        self.file = file
        guard let parameters = stream.pointee.codecpar, let codec = avcodec_find_decoder(parameters.pointee.codec_id)
        else {
            throw MediaError(
                .unsupported, "find decoder for", file: file, status: YT_AVERROR_DECODER_NOT_FOUND,
                reason: "this FFmpeg has no decoder for it")
        }
        let allocated = try require(avcodec_alloc_context3(codec), "allocate decoder")
        context = allocated
        LogTranscript.follow(allocated)
        try check(avcodec_parameters_to_context(allocated, parameters), "set up decoder for", file: file)
        allocated.pointee.pkt_timebase = stream.pointee.time_base
        if let mostPixels { allocated.pointee.max_pixels = Int64(mostPixels) }
        allocated.pointee.thread_count = Int32(threads)
        try check(avcodec_open2(allocated, codec, nil), "open decoder for", file: file)
    }

    deinit {
        if let context { LogTranscript.ignore(context) }
        avcodec_free_context(&context)
    }

    /// Nil: no more packets follow.
    func send(_ packet: Packet?) throws(MediaError) {
        try check(avcodec_send_packet(context, packet?.pointer), "decode", file: file)
    }

    /// False: it needs another packet, or the end was reached.
    func receive(into frame: Frame) throws(MediaError) -> Bool {
        let status = avcodec_receive_frame(context, frame.pointer)
        if status == YT_AVERROR_EAGAIN || status == YT_AVERROR_EOF { return false }
        try check(status, "decode", file: file)
        return true
    }
}
