import CFFmpeg

/// Reads one stream of a file frame by frame, from its beginning.
final class FrameReader {
    private let file: InputFile
    private let stream: UnsafeMutablePointer<AVStream>
    private let decoder: Decoder
    private let packet: Packet
    private var hasEnded = false
    private var last: Double?

    /// - Parameter threads: 0: as many as there are processors.
    init(
        _ file: InputFile, _ stream: UnsafeMutablePointer<AVStream>, threads: Int = 0
    ) throws(MediaError) {
        (self.file, self.stream, packet) = (file, stream, try Packet())
        decoder = try Decoder(stream, of: file, threads: threads)
    }

    /// False at the end.
    func next(into frame: Frame) throws(MediaError) -> Bool {
        while try !decoder.receive(into: frame) {
            if hasEnded { return false }
            try file.patience.check("read", file: file.path)
            hasEnded = try !file.read(into: packet)
            if hasEnded {
                try decoder.send(nil)
            } else if packet.pointer.pointee.stream_index == stream.pointee.index {
                try decoder.send(packet)
            }
        }
        if frame.time != YT_NOPTS_VALUE {
            let time = Double(frame.time) * av_q2d(stream.pointee.time_base)
            file.patience.passed(time - (last ?? time))
            last = time
        }
        return true
    }
}
