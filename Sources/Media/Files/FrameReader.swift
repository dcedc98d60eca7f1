import CFFmpeg

/// Reads one stream of a file frame by frame, from its beginning.
final class FrameReader {
    private let file: InputFile
    private let stream: UnsafeMutablePointer<AVStream>
    private let decoder: Decoder
    private let packet: Packet
    private var hasEnded = false
    private var last: Double?
    private let toleratesDamage: Bool
    private var damage = Damage()
    private var isEmpty = true

    /// - Parameters:
    ///   - threads: 0: as many as there are processors.
    ///   - toleratesDamage: whether to pass over what fails to decode, up to the file's limits.
    init(
        _ file: InputFile, _ stream: UnsafeMutablePointer<AVStream>, threads: Int = 0, toleratesDamage: Bool = false
    ) throws(MediaError) {
        (self.file, self.stream, self.toleratesDamage, packet) = (file, stream, toleratesDamage, try Packet())
        decoder = try Decoder(stream, of: file, threads: threads)
    }

    /// False at the end.
    func next(into frame: Frame) throws(MediaError) -> Bool {
        while try !passingOver({ () throws(MediaError) in try decoder.receive(into: frame) }) {
            if hasEnded {
                // Nothing at all came of it.
                if let fault = damage.fault, isEmpty { throw fault }
                return false
            }
            try file.patience.check("read", file: file.path)
            hasEnded = try !file.read(into: packet)
            guard hasEnded || packet.pointer.pointee.stream_index == stream.pointee.index else { continue }
            damage.packets += 1
            _ = try passingOver { () throws(MediaError) in
                try decoder.send(hasEnded ? nil : packet)
                return true
            }
        }
        isEmpty = false
        if frame.time != YT_NOPTS_VALUE {
            let time = Double(frame.time) * av_q2d(stream.pointee.time_base)
            file.patience.passed(time - (last ?? time))
            last = time
        }
        return true
    }

    /// False also where the work failed, and that is tolerated.
    private func passingOver(_ work: () throws(MediaError) -> Bool) throws(MediaError) -> Bool {
        do throws(MediaError) {
            return try work()
        } catch {
            guard toleratesDamage else { throw error }
            try damage.survive(error, of: "decode", in: file)
            return false
        }
    }
}
