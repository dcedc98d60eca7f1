import CFFmpeg

/// Joins the pieces of a video without encoding anything again: H.264 and AAC in MP4, the index in front.
struct PieceJoiner {
    let frameRate: Int
    let flag: CancellationFlag

    /// - Parameters:
    ///   - pictures: in the video's order, with the frames each has.
    ///   - sound: one file for the whole video.
    func join(_ pictures: [(frames: Range<Int>, file: String)], sound: String, to path: String) throws(MediaError) {
        guard let first = pictures.first else { return }
        let file = try OutputFile(path, format: "mp4", flag: flag)
        let head = try PieceReader(first.file, AVMEDIA_TYPE_VIDEO, flag: flag)
        let track = try PieceReader(sound, AVMEDIA_TYPE_AUDIO, flag: flag)
        let frame = AVRational(num: 1, den: Int32(frameRate))
        let video = try file.add(
            copyOf: head.stream, timeBase: frame, frameRate: AVRational(num: Int32(frameRate), den: 1))
        let audio = try file.add(copyOf: track.stream, timeBase: track.stream.pointee.time_base)
        // Without edit lists both streams must begin at 0 by themselves: B-frames by negative composition offsets, AAC by
        // the cut in `SoundFile`.
        try file.begin(options: ["movflags": "+faststart+negative_cts_offsets", "use_editlist": "0"])

        let delay = Int(head.stream.pointee.codecpar.pointee.video_delay)
        let (packet, heard) = (try Packet(), try Packet())
        var hasSound = try track.next(into: heard)
        for (frames, name) in pictures {
            let piece = try PieceReader(name, AVMEDIA_TYPE_VIDEO, flag: flag)
            guard piece.header == head.header else {
                throw MediaError(
                    .failed, "join", file: name, reason: "it was encoded with other settings than the first piece")
            }
            var count = 0
            while try piece.next(into: packet) {
                av_packet_rescale_ts(packet.pointer, piece.stream.pointee.time_base, frame)
                packet.pointer.pointee.pts += Int64(frames.lowerBound)
                // The container keeps no decoding times. Frames are decoded one after the other, so long before they are
                // shown as the encoder reorders them.
                packet.pointer.pointee.dts = Int64(frames.lowerBound + count - delay)
                packet.pointer.pointee.duration = 1
                while hasSound, heard.seconds(track.stream.pointee.time_base) <= packet.seconds(frame) {
                    try file.write(heard, in: track.stream.pointee.time_base, to: audio)
                    hasSound = try track.next(into: heard)
                }
                try file.write(packet, in: frame, to: video)
                count += 1
            }
            guard count == frames.count else {
                throw MediaError(
                    .damaged, "join", file: name, reason: "it has \(count) frames instead of \(frames.count)")
            }
        }
        while hasSound {
            try file.write(heard, in: track.stream.pointee.time_base, to: audio)
            hasSound = try track.next(into: heard)
        }
        try file.finish()
        try flag.check("join")
    }
}

/// Reads the packets of a piece, the first of which is at 0.
final class PieceReader {
    let stream: UnsafeMutablePointer<AVStream>
    private let file: InputFile
    private var start: Int64?

    init(_ path: String, _ kind: AVMediaType, flag: CancellationFlag) throws(MediaError) {
        file = try InputFile(path, formats: .pieces, flag: flag)
        guard let stream = file.stream(kind) else {
            throw MediaError(.damaged, "join", file: path, reason: "there is nothing of its kind in it")
        }
        self.stream = stream
    }

    /// What the encoder wrote once, in front.
    var header: [UInt8] {
        let parameters = stream.pointee.codecpar.pointee
        return Array(UnsafeBufferPointer(start: parameters.extradata, count: Int(parameters.extradata_size)))
    }

    var tags: [String: String] { file.tags }

    /// False at the end.
    func next(into packet: Packet) throws(MediaError) -> Bool {
        repeat {
            guard try file.read(into: packet) else { return false }
        } while packet.pointer.pointee.stream_index != stream.pointee.index
        // In decoding order a closed group begins with the frame that is shown first.
        let start = start ?? packet.pointer.pointee.pts
        self.start = start
        guard start != YT_NOPTS_VALUE, packet.pointer.pointee.pts != YT_NOPTS_VALUE else {
            throw MediaError(.damaged, "join", file: file.path, reason: "a packet in it has no time")
        }
        packet.pointer.pointee.pts -= start
        packet.pointer.pointee.dts = packet.pointer.pointee.pts
        packet.pointer.pointee.pos = -1
        return true
    }
}

extension Packet {
    /// When it is to be decoded.
    fileprivate func seconds(_ timeBase: AVRational) -> Double { Double(pointer.pointee.dts) * av_q2d(timeBase) }
}
