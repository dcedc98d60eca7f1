import CFFmpeg

/// One scene's picture, ready to be drawn at any window of its motion.
final class MovingPicture {
    private let picture: Frame
    private let motion: Motion
    private var row: [UInt16]

    /// Samples of the working picture for each of the frame's. More than one, because bilinear interpolation is soft
    /// between two samples and sharp on one, and that difference would wander over the picture.
    private static let fineness = 1.5

    init(_ path: String, size: FrameSize, motion: Motion, flag: CancellationFlag) throws(MediaError) {
        self.motion = motion
        let still = try Still.decode(path, flag: flag)
        try flag.check("load picture")
        try Still.crop(still, toShape: Double(size.width), Double(size.height))
        func sides(_ scale: Double) -> (width: Int, height: Int) {
            func even(_ side: Int) -> Int { Int((Double(side) * scale / 2).rounded(.up)) * 2 }
            return (even(size.width), even(size.height))
        }
        // First to what the closest window can show, then finer: detail beyond it would flicker as it moves.
        let (shown, working) = (sides(Motion.greatestZoom), sides(Motion.greatestZoom * Self.fineness))
        do {
            if still.width > shown.width {
                let reduced = try Scaler.scale(still, width: shown.width, height: shown.height)
                picture = try Scaler.scale(reduced, width: working.width, height: working.height)
            } else {
                picture = try Scaler.scale(still, width: working.width, height: working.height)
            }
        } catch {
            throw MediaError(
                error.code, error.operation, file: path, status: error.status, reason: error.reason, log: error.log)
        }
        row = [UInt16](repeating: 0, count: working.width + 32)
    }

    /// Draws what the camera sees when `progress` of the scene has passed.
    func draw(at progress: Double, into frame: Frame) {
        let window = motion.window(at: progress)
        let (width, height) = (Double(picture.width), Double(picture.height))
        let (left, top) = (width * (1 - 1 / window.zoom) * window.x, height * (1 - 1 / window.zoom) * window.y)
        let stepX = width / window.zoom / Double(frame.width)
        let stepY = height / window.zoom / Double(frame.height)
        for index in 0..<3 {
            guard let source = picture.plane(index), let target = frame.plane(index) else { continue }
            // The middle of sample i of a plane is at i + 1/2 of it, or 2i + 1 in luma samples; sideways a chroma
            // sample sits on the left luma sample of its pair, at 2i + 1/2 (MPEG-2 siting).
            let chroma = index > 0
            let x = chroma ? (left + 0.5 * stepX - 0.5) / 2 : left + 0.5 * stepX - 0.5
            let y = chroma ? (top + stepY - 1) / 2 : top + 0.5 * stepY - 0.5
            row.withUnsafeMutableBufferPointer { row in
                yt_sample(
                    target.samples, target.stride, Int32(target.width), Int32(target.height), source.samples,
                    source.stride, Int32(source.width), Int32(source.height), Int64(x * 65536), Int64(stepX * 65536),
                    Int64(y * 65536), Int64(stepY * 65536), row.baseAddress)
            }
        }
    }
}
