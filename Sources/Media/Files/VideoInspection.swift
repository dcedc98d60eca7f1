import CFFmpeg

/// What decoding every frame of a video shows.
struct VideoInspection {
    private(set) var frames = 0
    private(set) var keyFrameDistance: Int?
    private(set) var meanLuma: [Double] = []
    private(set) var lumaRange: ClosedRange<Int>?

    /// - Parameter stream: the one to look at, in the same file opened before: it says about how many frames there are.
    init(_ path: String, near stream: UnsafeMutablePointer<AVStream>, limits: MediaLimits, flag: CancellationFlag)
        throws(MediaError)
    {
        let length = Double(max(0, stream.pointee.duration)) * av_q2d(stream.pointee.time_base)
        let rate = av_q2d(stream.pointee.avg_frame_rate)
        // Both numbers are the file's word.
        let step = max(1, Int(min(rate.isFinite ? length * rate / 10 : 1, 1e9)))
        keyFrameDistance = try Self.keyFrameDistance(path, limits: limits, flag: flag)
        let file = try InputFile(path, limits: limits, flag: flag)
        guard let stream = file.stream(AVMEDIA_TYPE_VIDEO) else { return }
        let (reader, frame) = (try FrameReader(file, stream), try Frame())
        while try reader.next(into: frame) {
            if frames % step == step / 2 { try sample(frame) }
            frames += 1
        }
    }

    /// A small copy is enough to tell whether there is a picture.
    private mutating func sample(_ frame: Frame) throws(MediaError) {
        let small = try Scaler.scale(frame, width: 64, height: 36)
        guard let plane = small.plane(0) else { return }
        var (sum, least, most) = (0, 255, 0)
        for line in 0..<plane.height {
            for column in 0..<plane.width {
                let value = Int(plane.samples[line * plane.stride + column])
                (sum, least, most) = (sum + value, min(least, value), max(most, value))
            }
        }
        meanLuma.append(Double(sum) / Double(plane.width * plane.height))
        lumaRange = min(least, lumaRange?.lowerBound ?? 255)...max(most, lumaRange?.upperBound ?? 0)
    }

    /// Packets come in decoding order, in which a closed group begins with its key frame: counting them is enough.
    private static func keyFrameDistance(_ path: String, limits: MediaLimits, flag: CancellationFlag) throws(MediaError)
        -> Int?
    {
        let file = try InputFile(path, limits: limits, flag: flag)
        guard let index = file.stream(AVMEDIA_TYPE_VIDEO)?.pointee.index else { return nil }
        let packet = try Packet()
        var (distance, greatest): (Int, Int?) = (0, nil)
        while try file.read(into: packet) {
            guard packet.pointer.pointee.stream_index == index else { continue }
            if packet.pointer.pointee.flags & AV_PKT_FLAG_KEY != 0 {
                if distance > 0 { greatest = max(distance, greatest ?? 0) }
                distance = 0
            }
            distance += 1
        }
        return greatest
    }
}
