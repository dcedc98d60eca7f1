import CFFmpeg

/// Encodes one piece of a video after the other with one encoder. Opening one for each would cost a tenth of the render: x264
/// takes two hundred megabytes, all of which the kernel clears first, and a GPU gives out sessions slowly. A piece begins with
/// a key frame before which nothing is referred to, so what the encoder saw last does not matter.
final class PieceEncoder {
    private struct OpenPiece {
        let frames: Range<Int>
        let file: OutputFile
        let stream: UnsafeMutablePointer<AVStream>
        /// The encoder's own clock when it began: it runs on from piece to piece.
        let start: Int
        var written = 0
    }

    private let encoder: Encoder
    private let frameRate: Int
    private let flag: CancellationFlag
    private let packet: Packet
    private let finished: (Range<Int>, String) throws(MediaError) -> Void
    /// The last one is being drawn; packets of the one before it may still be in the encoder.
    private var pieces: [OpenPiece] = []
    private var clock = 0

    /// - Parameter finished: told of each piece whose file is whole.
    init(
        _ encoder: Encoder, frameRate: Int, flag: CancellationFlag,
        finished: @escaping (Range<Int>, String) throws(MediaError) -> Void
    ) throws(MediaError) {
        (self.encoder, self.frameRate, self.flag, self.finished) = (encoder, frameRate, flag, finished)
        packet = try Packet()
    }

    /// Begins the piece with these frames of the video, in the file `path`.
    func begin(_ frames: Range<Int>, path: String) throws(MediaError) {
        let file = try OutputFile(path, format: "nut", flag: flag)
        let stream = try file.add(encoder, frameRate: AVRational(num: Int32(frameRate), den: 1))
        try file.begin()
        pieces.append(OpenPiece(frames: frames, file: file, stream: stream, start: clock))
    }

    /// The piece's next frame.
    func encode(_ frame: Frame) throws(MediaError) {
        frame.time = Int64(clock)
        let isFirst = pieces.last.map { $0.start == clock } ?? false
        frame.pointer.pointee.pict_type = isFirst ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE
        clock += 1
        try encoder.send(frame)
        try drain()
    }

    /// Takes out what is left in the encoder. Nothing may be encoded afterwards.
    func finish() throws(MediaError) {
        try encoder.send(nil)
        try drain()
        guard pieces.isEmpty else {
            throw MediaError(.failed, "encode with \(encoder.name)", reason: "it gave back fewer frames than it took")
        }
    }

    private func drain() throws(MediaError) {
        while try encoder.receive(into: packet) {
            // Packets come in decoding order: all of a piece before any of the next.
            guard !pieces.isEmpty else { return }
            packet.pointer.pointee.pts -= Int64(pieces[0].start)
            packet.pointer.pointee.dts -= Int64(pieces[0].start)
            try pieces[0].file.write(packet, in: encoder.timeBase, to: pieces[0].stream)
            pieces[0].written += 1
            guard pieces[0].written == pieces[0].frames.count else { continue }
            let piece = pieces.removeFirst()
            try piece.file.finish()
            try finished(piece.frames, piece.file.path)
        }
    }
}
