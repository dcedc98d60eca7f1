import CFFmpeg
import Foundation

/// A media file being read. Only files: nothing inside one makes FFmpeg open another, or an address.
final class InputFile {
    let path: String
    private var context: UnsafeMutablePointer<AVFormatContext>?
    private var bytes: UnsafeMutablePointer<AVIOContext>?
    let limits: MediaLimits
    /// FFmpeg asks it whether to go on; it must outlive the context.
    let patience: Patience

    var flag: CancellationFlag { patience.flag }

    /// - Parameters:
    ///   - formats: what it may be. What it is is found from its bytes, never from its name.
    ///   - looksInside: whether to decode a little, to learn what the header doesn't say. Of a single picture that would be
    ///     all of it, twice.
    init(
        _ path: String, formats: MediaFormats = .any, looksInside: Bool = true, limits: MediaLimits = MediaLimits(),
        flag: CancellationFlag
    ) throws(MediaError) {
        (self.path, self.limits) = (path, limits)
        let patience = Patience(limits, flag: flag)
        self.patience = patience
        try Self.checkKind(of: path, limits: limits)
        var interrupt = AVIOInterruptCB()
        interrupt.opaque = Unmanaged.passUnretained(patience).toOpaque()
        interrupt.callback = { opaque in
            guard let opaque else { return 0 }
            return Unmanaged<Patience>.fromOpaque(opaque).takeUnretainedValue().isOver ? 1 : 0
        }
        try check(
            avio_open2(&bytes, "file:\(path)", AVIO_FLAG_READ, &interrupt, nil), "open", file: path,
            code: flag.isRaised ? .cancelled : .unreadable)
        let allocated = try require(avformat_alloc_context(), "allocate demuxer")
        allocated.pointee.pb = bytes
        allocated.pointee.interrupt_callback = interrupt
        allocated.pointee.flags |= AVFMT_FLAG_CUSTOM_IO
        context = allocated
        for (key, value) in [
            ("protocol_whitelist", "file"), ("format_whitelist", formats.demuxers),
            ("codec_whitelist", MediaFormats.decoderList), ("max_streams", "\(limits.streams)"),
            ("probesize", "\(limits.probeBytes)"),
            ("analyzeduration", "\(Int64(max(0, min(3600, limits.probeSeconds)) * 1e6))"),
        ] {
            // One that FFmpeg didn't take would be no limit.
            try check(av_opt_set(allocated, key, value, 0), "set option \(key) of the demuxer")
        }
        // Samples of a QuickTime file may lie in other files, by its word: never followed. Both are off by default; this says so.
        var options: OpaquePointer?
        av_dict_set(&options, "enable_drefs", "0", 0)
        av_dict_set(&options, "use_absolute_path", "0", 0)
        defer { av_dict_free(&options) }
        // Where any of this throws, `deinit` closes what is open: all of this object is there already.
        try patience.spend { () throws(MediaError) in
            try checkRead(avformat_open_input(&context, nil, nil, &options), "recognise", code: .damaged)
            guard looksInside else { return }
            try checkRead(avformat_find_stream_info(context, nil), "read streams of", code: .damaged)
        }
        guard duration <= limits.duration else {
            throw MediaError(
                .invalid, "read", file: path,
                reason: "it claims to last \(Int(duration)) s; the limit is \(Int(limits.duration)) s")
        }
    }

    deinit {
        avformat_close_input(&context)
        avio_closep(&bytes)
    }

    /// Throws where there is no plain file of a size within the limits. Pipes and devices have no end, and opening one may wait
    /// for ever.
    static func checkKind(of path: String, limits: MediaLimits) throws(MediaError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw MediaError(.unreadable, "open", file: path, reason: String(cString: strerror(errno)))
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw MediaError(.unreadable, "open", file: path, reason: "it is not a plain file")
        }
        guard Int64(status.st_size) <= limits.bytes else {
            throw MediaError(
                .invalid, "open", file: path,
                reason: "it has \(status.st_size) bytes; the limit is \(limits.bytes)")
        }
    }

    /// FFmpeg's name of the format.
    var format: String { context.map { String(cString: $0.pointee.iformat.pointee.name) } ?? "" }

    /// Seconds; 0 where the file doesn't say.
    var duration: Double {
        guard let duration = context?.pointee.duration, duration > 0 else { return 0 }
        return Double(duration) / Double(AV_TIME_BASE)
    }

    /// When it begins, in seconds of its own clock: with its picture, where it is a film. What encoders of sound put before the first
    /// sample would shift all frames of a film by some milliseconds, and show each a moment too late.
    var start: Double {
        if let picture = stream(AVMEDIA_TYPE_VIDEO)?.pointee, picture.disposition & AV_DISPOSITION_ATTACHED_PIC == 0,
            picture.start_time != YT_NOPTS_VALUE
        {
            return Double(picture.start_time) * av_q2d(picture.time_base)
        }
        guard let start = context?.pointee.start_time, start != YT_NOPTS_VALUE else { return 0 }
        return Double(start) / Double(AV_TIME_BASE)
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

    /// Packets of other streams are not even read where the format lets them be passed over.
    func readOnly(_ stream: UnsafeMutablePointer<AVStream>) {
        guard let context else { return }
        for index in 0..<Int(context.pointee.nb_streams) {
            guard let other = context.pointee.streams[index], other != stream else { continue }
            other.pointee.discard = AVDISCARD_ALL
        }
    }

    /// Reads the next packet of any stream into `packet`; false at the end.
    func read(into packet: Packet) throws(MediaError) -> Bool {
        packet.clear()
        let status = try patience.spend { () throws(MediaError) in av_read_frame(context, packet.pointer) }
        if status == YT_AVERROR_EOF { return false }
        try checkRead(status, "read")
        guard Int(packet.pointer.pointee.size) <= limits.packetBytes else {
            throw MediaError(
                .damaged, "read", file: path,
                reason: "one packet has \(packet.pointer.pointee.size) bytes; the limit is \(limits.packetBytes)")
        }
        return true
    }

    /// Goes to the last key frame of `stream` that is not after `time`, in the stream's units, as far as the format can tell.
    /// False: it can't.
    func seek(_ stream: UnsafeMutablePointer<AVStream>, notAfter time: Int64) throws(MediaError) -> Bool {
        let status = try patience.spend { () throws(MediaError) in
            avformat_seek_file(context, stream.pointee.index, .min, time, time, 0)
        }
        if patience.isOver { try checkRead(YT_AVERROR_EXIT, "seek in") }
        return status >= 0
    }

    /// Gives a failure its cause: FFmpeg says the same whether nobody waits any more or time is up.
    private func checkRead(
        _ status: Int32, _ operation: String, code: MediaError.Code? = nil
    ) throws(MediaError) {
        if status < 0, !flag.isRaised, patience.hasRunOut { throw patience.ranOut(operation, file: path) }
        try check(status, operation, file: path, code: flag.isRaised ? .cancelled : code)
    }
}
