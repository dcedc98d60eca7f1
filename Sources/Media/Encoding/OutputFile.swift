import CFFmpeg

/// A media file being written.
final class OutputFile {
    let path: String
    private var context: UnsafeMutablePointer<AVFormatContext>?
    private let packet: Packet
    private let flag: CancellationFlag

    /// - Parameter format: FFmpeg's name of the muxer; the path's ending decides nothing.
    init(_ path: String, format: String, flag: CancellationFlag) throws(MediaError) {
        (self.path, self.flag, packet) = (path, flag, try Packet())
        try check(avformat_alloc_output_context2(&context, nil, format, nil), "find muxer \(format)")
        guard let context else { return }
        // The muxer opens the file a second time, by this name, to move the index to the front.
        context.pointee.url = av_strdup("file:\(path)")
        context.pointee.interrupt_callback.opaque = Unmanaged.passUnretained(flag).toOpaque()
        context.pointee.interrupt_callback.callback = { opaque in
            guard let opaque else { return 0 }
            return Unmanaged<CancellationFlag>.fromOpaque(opaque).takeUnretainedValue().isRaised ? 1 : 0
        }
        try check(
            avio_open2(
                &context.pointee.pb, context.pointee.url, AVIO_FLAG_WRITE, &context.pointee.interrupt_callback, nil),
            "create", file: path, code: .unwritable)
    }

    deinit {
        if let context { avio_closep(&context.pointee.pb) }
        avformat_free_context(context)
    }

    /// Adds a stream for what `encoder` makes. All are added before ``begin(options:)``.
    func add(_ encoder: Encoder, frameRate: AVRational? = nil) throws(MediaError) -> UnsafeMutablePointer<AVStream> {
        let stream = try require(avformat_new_stream(context, nil), "add stream")
        try check(avcodec_parameters_from_context(stream.pointee.codecpar, encoder.context), "describe stream")
        stream.pointee.time_base = encoder.timeBase
        if let frameRate {
            stream.pointee.avg_frame_rate = frameRate
            stream.pointee.r_frame_rate = frameRate
        }
        return stream
    }

    /// Adds a stream for packets that are copied from another file's stream.
    func add(
        copyOf source: UnsafeMutablePointer<AVStream>, timeBase: AVRational, frameRate: AVRational? = nil
    ) throws(MediaError) -> UnsafeMutablePointer<AVStream> {
        let stream = try require(avformat_new_stream(context, nil), "add stream")
        try check(avcodec_parameters_copy(stream.pointee.codecpar, source.pointee.codecpar), "describe stream")
        // The other format's own name of the codec.
        stream.pointee.codecpar.pointee.codec_tag = 0
        stream.pointee.time_base = timeBase
        if let frameRate {
            stream.pointee.avg_frame_rate = frameRate
            stream.pointee.r_frame_rate = frameRate
        }
        return stream
    }

    /// A word about the whole file, written with its header.
    func tag(_ key: String, _ value: String) throws(MediaError) {
        guard let context else { return }
        try check(av_dict_set(&context.pointee.metadata, key, value, 0), "tag", file: path)
    }

    /// Whether the format keeps codec headers once in front instead of in each key frame.
    var wantsGlobalHeaders: Bool {
        (context.map { $0.pointee.oformat.pointee.flags } ?? 0) & AVFMT_GLOBALHEADER != 0
    }

    func begin(options: KeyValuePairs<String, String> = [:]) throws(MediaError) {
        for (key, value) in options {
            try check(av_opt_set(context, key, value, AV_OPT_SEARCH_CHILDREN), "set muxer option \(key)=\(value)")
        }
        try check(avformat_write_header(context, nil), "begin", file: path, code: writeCode)
    }

    /// Writes all packets that `encoder` has ready.
    func write(from encoder: Encoder, to stream: UnsafeMutablePointer<AVStream>) throws(MediaError) {
        while try encoder.receive(into: packet) {
            av_packet_rescale_ts(packet.pointer, encoder.timeBase, stream.pointee.time_base)
            packet.pointer.pointee.stream_index = stream.pointee.index
            try check(av_interleaved_write_frame(context, packet.pointer), "write", file: path, code: writeCode)
        }
    }

    /// Writes one packet whose times are in `timeBase`; its bytes are taken over.
    func write(
        _ packet: Packet, in timeBase: AVRational, to stream: UnsafeMutablePointer<AVStream>
    ) throws(MediaError) {
        try flag.check("write")
        av_packet_rescale_ts(packet.pointer, timeBase, stream.pointee.time_base)
        packet.pointer.pointee.stream_index = stream.pointee.index
        try check(av_interleaved_write_frame(context, packet.pointer), "write", file: path, code: writeCode)
    }

    /// Writes the index and closes. Nothing may be written afterwards.
    func finish() throws(MediaError) {
        try check(av_write_trailer(context), "finish", file: path, code: writeCode)
        guard let context else { return }
        try check(avio_closep(&context.pointee.pb), "close", file: path, code: writeCode)
    }

    private var writeCode: MediaError.Code { flag.isRaised ? .cancelled : .unwritable }
}
