import CFFmpeg

/// A film's frames as they come, with their times: read, decoded and made whole. What fails to decode is passed over, up to a limit.
final class FrameSource {
    let orientation: Orientation
    private let file: InputFile
    private let stream: UnsafeMutablePointer<AVStream>
    private let decoder: Decoder
    private let packet: Packet
    private let secondsOfFrame: Double
    /// Of the stream's clock, when the film begins.
    private let origin: Double
    private var deinterlacer: Deinterlacer?
    private var last: Double?
    private var packetsEnded = false
    private var framesEnded = false
    /// The end of what was read, and of the last frame that may have been passed over; seconds of the film.
    private var end = 0.0
    private var passedOver: Double?
    private var damage = Damage()
    private var failedReads = 0

    /// So many failures to read in a row are the end of the film.
    private static let mostFailedReads = 32
    /// Seconds before the wanted one from which on every frame is decoded.
    private static let approach = 0.5

    init(_ path: String, limits: MediaLimits, threads: Int, flag: CancellationFlag) throws(MediaError) {
        file = try InputFile(path, formats: .films, limits: limits, flag: flag)
        guard let stream = file.stream(AVMEDIA_TYPE_VIDEO) else {
            throw MediaError(.damaged, "open film", file: path, reason: "there is no picture in it")
        }
        self.stream = stream
        file.readOnly(stream)
        orientation = Orientation(stream)
        decoder = try Decoder(stream, of: file, threads: threads)
        packet = try Packet()
        let rate = av_q2d(stream.pointee.avg_frame_rate)
        secondsOfFrame = rate.isFinite && rate > 0 ? min(max(1 / rate, 0.001), 10) : 0.04
        origin = file.start
    }

    /// Times are rounded to the stream's unit, and written by programs that round more.
    var tolerance: Double { min(0.001 + av_q2d(stream.pointee.time_base) / 2, secondsOfFrame / 4) }

    /// The next frame, and its second of the film; nil at the end.
    ///
    /// - Parameter wanted: frames long before it that no other one needs aren't decoded.
    func next(into frame: Frame, passingOverBefore wanted: Double?) throws(MediaError) -> Double? {
        guard try nextWhole(into: frame, passingOverBefore: wanted) else { return nil }
        let time = frame.pointer.pointee.best_effort_timestamp
        let seconds = time == YT_NOPTS_VALUE ? (last ?? -secondsOfFrame) + secondsOfFrame : self.seconds(time)
        file.patience.passed(seconds - (last ?? seconds))
        last = seconds
        end = max(end, seconds)
        return seconds
    }

    /// Goes to a key frame that begins no later, as far as the format can tell. False: the format can't.
    func seek(notAfter seconds: Double) throws(MediaError) -> Bool {
        guard try file.seek(stream, notAfter: time(at: seconds)) else { return false }
        decoder.restart()
        (deinterlacer, last, passedOver) = (nil, nil, nil)
        (packetsEnded, framesEnded, failedReads) = (false, false, 0)
        return true
    }

    /// The last key frame that the index has up to there, in seconds of the film; nil where there is no index.
    func keyFrame(notAfter seconds: Double) -> Double? {
        guard let entry = avformat_index_get_entry_from_timestamp(stream, time(at: seconds), AVSEEK_FLAG_BACKWARD)
        else {
            return nil
        }
        return self.seconds(entry.pointee.timestamp)
    }

    /// Whether a frame after that second may have been passed over since the last seek.
    func hasPassedOver(after seconds: Double) -> Bool { passedOver.map { $0 > seconds + tolerance } ?? false }

    /// Why no frame came.
    var emptiness: MediaError {
        guard let fault = damage.fault else {
            return MediaError(
                .damaged, "decode film", file: file.path, reason: "no picture came out of it",
                log: LogTranscript.current?.take() ?? [])
        }
        return MediaError(
            .damaged, "decode film", file: file.path, status: fault.status, reason: fault.reason, log: fault.log)
    }

    /// Throws where the file ends more than a second before both that second and what its header says.
    func checkEnd(at seconds: Double) throws(MediaError) {
        guard packetsEnded, stream.pointee.duration > 0 else { return }
        let promised = Double(stream.pointee.duration) * av_q2d(stream.pointee.time_base)
        guard min(seconds, promised) > end + 1 else { return }
        throw MediaError(
            .damaged, "decode film", file: file.path, status: damage.fault?.status ?? 0,
            reason: "it ends after \(Self.tenths(end)) s, though its header says \(Self.tenths(promised)) s",
            log: damage.fault?.log ?? [])
    }

    private static func tenths(_ seconds: Double) -> String { "\((seconds * 10).rounded() / 10)" }

    /// In the stream's units; a file may have any.
    private func time(at seconds: Double) -> Int64 {
        Int64(max(-1e15, min(1e15, (seconds + origin) / av_q2d(stream.pointee.time_base))).rounded(.down))
    }

    private func seconds(_ time: Int64) -> Double { Double(time) * av_q2d(stream.pointee.time_base) - origin }

    private func nextWhole(into frame: Frame, passingOverBefore wanted: Double?) throws(MediaError) -> Bool {
        if let deinterlacer {
            while try !deinterlacer.pull(into: frame) {
                if framesEnded { return false }
                framesEnded = try !nextDecoded(into: frame, passingOverBefore: wanted)
                if !framesEnded { frame.time = frame.pointer.pointee.best_effort_timestamp }
                guard framesEnded || deinterlacer.takes(frame) else {
                    // Frames of another size follow: begun again with this one. The one that was held back is lost.
                    self.deinterlacer = nil
                    return true
                }
                try deinterlacer.push(framesEnded ? nil : frame)
            }
            frame.pointer.pointee.best_effort_timestamp = frame.time
            return true
        }
        guard try nextDecoded(into: frame, passingOverBefore: wanted) else { return false }
        guard yt_is_interlaced(frame.pointer) != 0, !framesEnded else { return true }
        let deinterlacer = try Deinterlacer(like: frame, timeBase: stream.pointee.time_base)
        self.deinterlacer = deinterlacer
        frame.time = frame.pointer.pointee.best_effort_timestamp
        try deinterlacer.push(frame)
        return try nextWhole(into: frame, passingOverBefore: wanted)
    }

    private func nextDecoded(into frame: Frame, passingOverBefore wanted: Double?) throws(MediaError) -> Bool {
        while true {
            do {
                if try decoder.receive(into: frame) { return true }
            } catch {
                try damage.survive(error, of: "decode film", in: file)
                continue
            }
            if packetsEnded { return false }
            try file.patience.check("decode film", file: file.path)
            do {
                guard try read() else {
                    packetsEnded = true
                    try decoder.send(nil)
                    continue
                }
                passOver(before: wanted)
                try decoder.send(packet)
            } catch {
                try damage.survive(error, of: "decode film", in: file)
            }
        }
    }

    /// The next packet of the film's picture; false at the end.
    private func read() throws(MediaError) -> Bool {
        repeat {
            do {
                guard try file.read(into: packet) else { return false }
                failedReads = 0
            } catch {
                failedReads += 1
                if failedReads >= Self.mostFailedReads { return false }
                throw error
            }
        } while packet.pointer.pointee.stream_index != stream.pointee.index
        damage.packets += 1
        let time = packet.pointer.pointee.pts
        if time != YT_NOPTS_VALUE { end = max(end, seconds(time + packet.pointer.pointee.duration)) }
        return true
    }

    private func passOver(before wanted: Double?) {
        let time = packet.pointer.pointee.pts
        guard let wanted, time != YT_NOPTS_VALUE, seconds(time) < wanted - Self.approach else {
            decoder.skipsUnreferenced = false
            return
        }
        decoder.skipsUnreferenced = true
        passedOver = max(passedOver ?? -.infinity, seconds(time))
    }
}
