import CFFmpeg

/// Reads one stream of a file frame by frame.
final class FrameReader {
    private let file: InputFile
    private let index: Int32
    private let decoder: Decoder
    private let packet: Packet
    private var hasEnded = false

    init(
        _ file: InputFile, _ stream: UnsafeMutablePointer<AVStream>, threads: Int = 0, mostPixels: Int? = nil
    ) throws(MediaError) {
        (self.file, index, packet) = (file, stream.pointee.index, try Packet())
        decoder = try Decoder(stream, file: file.path, threads: threads, mostPixels: mostPixels)
    }

    /// False at the end.
    func next(into frame: Frame) throws(MediaError) -> Bool {
        while try !decoder.receive(into: frame) {
            if hasEnded { return false }
            try file.flag.check("read")
            hasEnded = try !file.read(into: packet)
            if hasEnded {
                try decoder.send(nil)
            } else if packet.pointer.pointee.stream_index == index {
                try decoder.send(packet)
            }
        }
        return true
    }
}
