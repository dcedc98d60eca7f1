import CSampling

/// A still under a moving camera.
final class MovingPicture: ShotPicture {
    /// What the whole motion shows of the still, and a little more. Written once, then only read.
    nonisolated(unsafe) private let picture: Frame
    private let motion: Motion
    /// The part of the still that `picture` is.
    private let part: Box

    /// Samples of the working picture for each of the frame's. More than one, because bilinear interpolation is soft
    /// between two samples and sharp on one, and that difference would wander over the picture.
    private static let fineness = 1.5
    /// Of the closest window's size, that the working picture may have: 75 megapixels for a video of 1080p.
    private static let mostWindows = 16.0

    init(
        _ path: String, size: FrameSize, motion: Motion, limits: MediaLimits = MediaLimits(), flag: CancellationFlag
    ) throws(MediaError) {
        self.motion = motion
        let still = try StillFile.decode(path, limits: limits, flag: flag)
        try flag.check("load picture")
        let seen = motion.start.union(motion.end)
        let closest = min(motion.start.width, motion.end.width)
        // A shape that is not the frame's would be drawn distorted: the cut was made for another picture.
        let shape = closest * Double(still.width) / (min(motion.start.height, motion.end.height) * Double(still.height))
        guard abs(shape / (Double(size.width) / Double(size.height)) - 1) < 0.02 else {
            throw MediaError(
                .invalid, "move picture", file: path,
                reason: "it is \(still.width)×\(still.height), and the cut was made for one of another shape")
        }
        let part = try StillFile.crop(still, to: seen)
        self.part = part
        let (across, down) = (part.width / closest, part.height / min(motion.start.height, motion.end.height))
        guard across * down <= Self.mostWindows else {
            throw MediaError(
                .invalid, "move picture", file: path,
                reason: "the way over it is too long for memory: \(Int(min(across * down, 1e6))) frames large")
        }
        func sides(_ scale: Double) -> (width: Int, height: Int) {
            func even(_ side: Int, _ share: Double) -> Int { Int((Double(side) * share * scale / 2).rounded(.up)) * 2 }
            return (even(size.width, across), even(size.height, down))
        }
        // First to what the closest window can show, then finer: detail beyond it would flicker as it moves.
        let (shown, working) = (sides(1), sides(Self.fineness))
        do {
            if still.width > shown.width {
                let reduced = try Scaler.scale(still, width: shown.width, height: shown.height)
                picture = try Scaler.scale(reduced, width: working.width, height: working.height)
            } else {
                picture = try Scaler.scale(still, width: working.width, height: working.height)
            }
        } catch {
            throw error.about(path)
        }
    }

    func draw(at moment: ShotMoment, into frame: Frame, with brush: Brush) {
        let window = motion.window(at: moment.progress)
        let (width, height) = (Double(picture.width) / part.width, Double(picture.height) / part.height)
        let (left, top) = (width * (window.left - part.left), height * (window.top - part.top))
        let stepX = width * window.width / Double(frame.width)
        let stepY = height * window.height / Double(frame.height)
        let workspace = brush.room(yt_sample_workspace(Int32(frame.width)))
        for index in 0..<3 {
            guard let source = picture.plane(index), let target = frame.plane(index) else { continue }
            // The middle of sample i of a plane is at i + 1/2 of it, or 2i + 1 in luma samples; sideways a chroma
            // sample sits on the left luma sample of its pair, at 2i + 1/2 (MPEG-2 siting).
            let chroma = index > 0
            let x = chroma ? (left + 0.5 * stepX - 0.5) / 2 : left + 0.5 * stepX - 0.5
            let y = chroma ? (top + stepY - 1) / 2 : top + 0.5 * stepY - 0.5
            yt_sample(
                target.samples, target.stride, Int32(target.width), Int32(target.height), source.samples,
                source.stride, Int32(source.width), Int32(source.height), Int64(x * 65536), Int64(stepX * 65536),
                Int64(y * 65536), Int64(stepY * 65536), workspace)
        }
    }
}
