import CFFmpeg

/// A media file being read. Only files: nothing inside one makes FFmpeg open an address.
final class InputFile {
    let path: String
    private var context: UnsafeMutablePointer<AVFormatContext>?
    private var bytes: UnsafeMutablePointer<AVIOContext>?
    /// FFmpeg asks it whether to go on; it must outlive the context.
    let flag: CancellationFlag

    /// - Parameters:
    ///   - formats: FFmpeg's names of the formats it may be, by commas; nil for any. What it is is found from its bytes,
    ///     never from its name.
    ///   - looksInside: whether to decode a little, to learn what the header doesn't say. Of a single picture that would be
    ///     all of it, twice.
    init(
        _ path: String, formats: String? = nil, looksInside: Bool = true, flag: CancellationFlag
    ) throws(MediaError) {
        (self.path, self.flag) = (path, flag)
        var interrupt = AVIOInterruptCB()
        interrupt.opaque = Unmanaged.passUnretained(flag).toOpaque()
        interrupt.callback = { opaque in
            guard let opaque else { return 0 }
            return Unmanaged<CancellationFlag>.fromOpaque(opaque).takeUnretainedValue().isRaised ? 1 : 0
        }
        try check(
            avio_open2(&bytes, "file:\(path)", AVIO_FLAG_READ, &interrupt, nil), "open", file: path,
            code: flag.isRaised ? .cancelled : .unreadable)
        let allocated = try require(avformat_alloc_context(), "allocate demuxer")
        allocated.pointee.pb = bytes
        allocated.pointee.interrupt_callback = interrupt
        allocated.pointee.flags |= AVFMT_FLAG_CUSTOM_IO
        av_opt_set(allocated, "protocol_whitelist", "file", 0)
        if let formats { av_opt_set(allocated, "format_whitelist", formats, 0) }
        context = allocated
        // On failure this frees the context and sets it to nil; `deinit` doesn't run for what never was.
        let status = avformat_open_input(&context, nil, nil, nil)
        if status < 0 {
            avio_closep(&bytes)
            try check(status, "recognise", file: path, code: flag.isRaised ? .cancelled : .damaged)
        }
        guard looksInside else { return }
        try check(
            avformat_find_stream_info(context, nil), "read streams of", file: path,
            code: flag.isRaised ? .cancelled : .damaged)
    }

    deinit {
        avformat_close_input(&context)
        avio_closep(&bytes)
    }

    /// FFmpeg's name of the format.
    var format: String { context.map { String(cString: $0.pointee.iformat.pointee.name) } ?? "" }

    /// Seconds; 0 where the file doesn't say.
    var duration: Double {
        guard let duration = context?.pointee.duration, duration > 0 else { return 0 }
        return Double(duration) / Double(AV_TIME_BASE)
    }

    /// What the file says of itself.
    var tags: [String: String] {
        var (tags, entry): ([String: String], UnsafeMutablePointer<AVDictionaryEntry>?) = ([:], nil)
        while let next = av_dict_get(context?.pointee.metadata, "", entry, AV_DICT_IGNORE_SUFFIX) {
            tags[String(cString: next.pointee.key)] = String(cString: next.pointee.value)
            entry = next
        }
        return tags
    }

    /// The best stream of a kind, or nil.
    func stream(_ kind: AVMediaType) -> UnsafeMutablePointer<AVStream>? {
        let index = av_find_best_stream(context, kind, -1, -1, nil, 0)
        return index >= 0 ? context?.pointee.streams[Int(index)] : nil
    }

    /// Reads the next packet of any stream into `packet`; false at the end.
    func read(into packet: Packet) throws(MediaError) -> Bool {
        packet.clear()
        let status = av_read_frame(context, packet.pointer)
        if status == YT_AVERROR_EOF { return false }
        try check(status, "read", file: path, code: flag.isRaised ? .cancelled : nil)
        return true
    }
}
