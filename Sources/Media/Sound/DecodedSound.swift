import CFFmpeg

/// The sound of a file, of whatever kind, as the mix takes it. Mono is heard by both ears alike, three decibels lower, as one
/// voice from two sides is; more than two channels are mixed down to two.
final class DecodedSound {
    private let reader: FrameReader
    private let path: String
    /// In units of the stream.
    private let timeBase: AVRational
    /// Seconds that the file's clock shows at its beginning.
    private let fileStart: Double
    /// Samples of the file, counted from its beginning.
    private let wanted: Range<Int>
    private let (frame, output): (Frame, Frame)
    private let converter = SoundConverter(to: .stereo)
    private var (hasBegun, hasEnded) = (false, false)
    /// Of the file, after conversion: where the next one decoded belongs.
    private var position = 0
    private var delivered: Int
    private var rest = 0..<0

    /// A recorder that lost something leaves a hole in its times, which is silence; less is only rounding.
    private static let leastGap = StereoBlock.rate / 10

    /// - Parameter part: what is read of it, in seconds; nil: all.
    init(
        _ path: String, part: Range<Double>? = nil, limits: MediaLimits = MediaLimits(), flag: CancellationFlag
    ) throws(MediaError) {
        let file = try InputFile(path, limits: limits, flag: flag)
        guard let stream = file.stream(AVMEDIA_TYPE_AUDIO) else {
            throw MediaError(.damaged, "open sound", file: path, reason: "there is no sound in it")
        }
        (self.path, timeBase, fileStart) = (path, stream.pointee.time_base, file.start)
        reader = try FrameReader(file, stream, toleratesDamage: true)
        (frame, output) = (try Frame(), try Frame())
        if let part {
            wanted = Self.samples(part.lowerBound)..<max(Self.samples(part.lowerBound), Self.samples(part.upperBound))
        } else {
            wanted = 0..<Int.max
        }
        delivered = wanted.lowerBound
    }

    static func samples(_ seconds: Double) -> Int {
        // A day is more than any video has, and far from what an Int holds.
        Int((min(max(seconds, 0), 86_400) * Double(StereoBlock.rate)).rounded())
    }

    /// Writes up to `count` samples from `offset` on, and says how many; fewer only at the end.
    func read(into block: StereoBlock, at offset: Int = 0, count: Int) throws(MediaError) -> Int {
        var done = 0
        while done < count, delivered < wanted.upperBound {
            if rest.isEmpty {
                guard try decode() else { break }
                continue
            }
            // What lies before the part is passed over; what is missing before the next samples is silence.
            let start = position - rest.count
            if start < delivered {
                rest = rest.dropFirst(min(rest.count, delivered - start))
                continue
            }
            let room = min(count - done, wanted.upperBound - delivered)
            if start > delivered {
                let gap = min(room, start - delivered)
                (block.left + offset + done).update(repeating: 0, count: gap)
                (block.right + offset + done).update(repeating: 0, count: gap)
                done += gap
                delivered += gap
                continue
            }
            let taken = min(room, rest.count)
            guard let planes = output.pointer.pointee.extended_data, let left = planes[0], let right = planes[1] else {
                break
            }
            left.withMemoryRebound(to: Float.self, capacity: rest.upperBound) {
                (block.left + offset + done).update(from: $0 + rest.lowerBound, count: taken)
            }
            right.withMemoryRebound(to: Float.self, capacity: rest.upperBound) {
                (block.right + offset + done).update(from: $0 + rest.lowerBound, count: taken)
            }
            rest = rest.dropFirst(taken)
            done += taken
            delivered += taken
        }
        return done
    }

    /// Gets more into `output`; false at the end.
    private func decode() throws(MediaError) -> Bool {
        while true {
            if try converter.pull(into: output) {
                let time = output.time
                let isFar = time != YT_NOPTS_VALUE && abs(Int(time) - position) > Self.leastGap
                // Where the first one belongs is taken as it is: it is what keeps picture and sound together.
                if isFar || !hasBegun { position = time == YT_NOPTS_VALUE ? 0 : Int(time) }
                hasBegun = true
                position += output.sampleCount
                rest = 0..<output.sampleCount
                return true
            }
            if hasEnded { return false }
            do throws(MediaError) {
                hasEnded = try !reader.next(into: frame)
                guard !hasEnded else {
                    try converter.push(nil)
                    continue
                }
                frame.nameChannels()
                try convert(frame)
            } catch {
                throw error.about(path)
            }
        }
    }

    private func convert(_ frame: Frame) throws(MediaError) {
        let rate = Double(max(1, frame.pointer.pointee.sample_rate))
        let time = frame.pointer.pointee.best_effort_timestamp
        if time != YT_NOPTS_VALUE {
            let seconds = Double(time) * av_q2d(timeBase) - fileStart
            frame.time = seconds.isFinite ? Int64((min(max(seconds, -10), 86_400) * rate).rounded()) : 0
        } else {
            frame.time = Int64(Double(position) * rate / Double(StereoBlock.rate))
        }
        try converter.push(frame)
    }
}
