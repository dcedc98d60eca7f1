import CFFmpeg

/// Turns packets into frames.
final class Decoder {
    private var context: UnsafeMutablePointer<AVCodecContext>?
    private let file: InputFile

    /// - Parameter threads: 0: as many as there are processors.
    init(_ stream: UnsafeMutablePointer<AVStream>, of file: InputFile, threads: Int = 0) throws(MediaError) {
        self.file = file
        guard let parameters = stream.pointee.codecpar, let codec = avcodec_find_decoder(parameters.pointee.codec_id)
        else {
            throw MediaError(
                .unsupported, "find decoder for", file: file.path, status: YT_AVERROR_DECODER_NOT_FOUND,
                reason: "this FFmpeg has no decoder for it")
        }
        let name = String(cString: codec.pointee.name)
        guard MediaFormats.decoders.contains(name) else {
            throw MediaError(
                .unsupported, "find decoder for", file: file.path, reason: "files of the codec \(name) are not decoded")
        }
        let limit = file.limits.filmPixels(of: parameters.pointee, in: file)
        guard Int(parameters.pointee.width) * Int(parameters.pointee.height) <= limit else {
            throw MediaError(
                .invalid, "decode", file: file.path,
                reason: "\(parameters.pointee.width)×\(parameters.pointee.height) is too large; "
                    + "the limit is \(limit / 1_000_000) megapixels")
        }
        let allocated = try require(avcodec_alloc_context3(codec), "allocate decoder")
        context = allocated
        LogTranscript.follow(allocated)
        try check(avcodec_parameters_to_context(allocated, parameters), "set up decoder for", file: file.path)
        allocated.pointee.pkt_timebase = stream.pointee.time_base
        allocated.pointee.thread_count = Int32(threads)
        // What a header says may change in the middle of a film.
        allocated.pointee.max_pixels = Int64(limit)
        try check(avcodec_open2(allocated, codec, nil), "open decoder for", file: file.path)
    }

    deinit {
        if let context { LogTranscript.ignore(context) }
        avcodec_free_context(&context)
    }

    /// Frames that no other one needs are passed over.
    var skipsUnreferenced = false {
        didSet {
            guard oldValue != skipsUnreferenced else { return }
            context?.pointee.skip_frame = skipsUnreferenced ? AVDISCARD_NONREF : AVDISCARD_DEFAULT
        }
    }

    /// Nil: no more packets follow.
    func send(_ packet: Packet?) throws(MediaError) {
        let status = try file.patience.spend { () throws(MediaError) in
            avcodec_send_packet(context, packet?.pointer)
        }
        try check(status, "decode", file: file.path)
    }

    /// False: it needs another packet, or the end was reached.
    func receive(into frame: Frame) throws(MediaError) -> Bool {
        let status = try file.patience.spend { () throws(MediaError) in
            avcodec_receive_frame(context, frame.pointer)
        }
        if status == YT_AVERROR_EAGAIN || status == YT_AVERROR_EOF { return false }
        try check(status, "decode", file: file.path)
        return true
    }

    /// Forgets what it was given: the next packet is from elsewhere.
    func restart() { avcodec_flush_buffers(context) }
}

extension MediaLimits {
    /// A picture may be larger than a film's frame, of which many are kept.
    fileprivate func filmPixels(of parameters: AVCodecParameters, in file: InputFile) -> Int {
        file.format.hasSuffix("_pipe") ? stillPixels : filmPixels
    }
}
