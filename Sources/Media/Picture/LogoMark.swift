import CFFmpeg
import CSampling

/// A channel's sign, at its size and place, ready to be laid over frames. Written once, then only read.
final class LogoMark {
    private let opacity: Double
    /// Of its upper left corner; even.
    private let (x, y): (Int, Int)
    private let planes: [Layer]

    /// Samples of one plane, and how much of each is seen.
    private struct Layer {
        let width: Int
        let height: Int
        var samples: [UInt8]
        var alpha: [UInt8]
    }

    init(_ logo: Logo, in frame: FrameSize, limits: MediaLimits = MediaLimits(), flag: CancellationFlag)
        throws(MediaError)
    {
        let still = try StillFile.decode(logo.file, limits: limits, flag: flag)
        let wanted = Double(min(frame.width, frame.height)) * logo.width
        // One that is higher than wide takes no more room than one that is square.
        let scale = wanted / Double(max(still.width, still.height))
        func even(_ side: Int) -> Int { max(2, Int((Double(side) * scale / 2).rounded()) * 2) }
        let (width, height) = (even(still.width), even(still.height))
        do {
            planes = try Self.layers(of: Self.scale(still, width: width, height: height))
        } catch {
            throw error.about(logo.file)
        }
        opacity = min(max(logo.opacity, 0), 1)
        (x, y) = Self.place(logo.corner, width: width, height: height, in: frame)
    }

    /// Within the safe area; in the upper left corner of a horizontal video it stands below a label.
    private static func place(_ corner: Logo.Corner, width: Int, height: Int, in frame: FrameSize) -> (Int, Int) {
        let safe = SafeArea(of: frame)
        let (frameWidth, frameHeight) = (Double(frame.width), Double(frame.height))
        let isLeft = corner == .upperLeft || corner == .lowerLeft
        let left = isLeft ? frameWidth * safe.left : frameWidth * (1 - safe.right) - Double(width)
        // A label takes up to two lines of 44 of 1080 pixels, and its bar.
        let label = corner == .upperLeft ? Double(min(frame.width, frame.height)) * 0.12 : 0
        let isUpper = corner == .upperLeft || corner == .upperRight
        let top = isUpper ? frameHeight * safe.top + label : frameHeight * (1 - safe.bottom) - Double(height)
        func even(_ value: Double, _ most: Int) -> Int { max(0, min(Int(value / 2) * 2, most / 2 * 2)) }
        return (even(left, frame.width - width), even(top, frame.height - height))
    }

    /// - Parameter share: how much of it is to be seen, 0 to 1, beside its own opacity.
    func lay(over frame: Frame, share: Double = 1) {
        let share = Int32((opacity * min(max(share, 0), 1) * 256).rounded())
        for (index, layer) in planes.enumerated() {
            guard let plane = frame.plane(index) else { continue }
            let (left, top) = index == 0 ? (x, y) : (x / 2, y / 2)
            yt_overlay(
                plane.samples + top * plane.stride + left, plane.stride, layer.samples, layer.width, layer.alpha,
                layer.width, Int32(min(layer.width, plane.width - left)), Int32(min(layer.height, plane.height - top)),
                share)
        }
    }

    /// Colours multiplied by their opacity, so that nothing of what lies under transparent parts bleeds into the edges.
    private static func scale(_ still: Frame, width: Int, height: Int) throws(MediaError) -> Frame {
        let graph = try FilterGraph(threads: 1)
        let source = try graph.add(
            "buffer",
            [
                "video_size": "\(still.width)x\(still.height)",
                "pix_fmt": av_get_pix_fmt_name(still.pixelFormat).map { String(cString: $0) } ?? "none",
                "time_base": "1/1", "pixel_aspect": "1/1",
            ])
        let sink = try graph.add("buffersink")
        try graph.chain([
            source, try graph.add("format", ["pix_fmts": "gbrap"]), try graph.add("premultiply", ["inplace": "1"]),
            try graph.add("scale", ["w": "\(width)", "h": "\(height)", "flags": "area+accurate_rnd"]),
            try graph.add("format", ["pix_fmts": "gbrap"]), sink,
        ])
        try graph.push(still, into: source)
        let result = try Frame()
        guard try graph.pull(from: sink, into: result) else {
            throw MediaError(.failed, "scale logo", reason: "the filters kept it")
        }
        return result
    }

    /// Y'CbCr by BT.709, colour at half the size, from multiplied green, blue, red and opacity.
    private static func layers(of picture: Frame) throws(MediaError) -> [Layer] {
        let values = picture.pointer.pointee
        guard let green = values.data.0, let blue = values.data.1, let red = values.data.2, let alpha = values.data.3
        else { throw MediaError(.failed, "scale logo", reason: "a plane is missing") }
        let strides = (
            Int(values.linesize.0), Int(values.linesize.1), Int(values.linesize.2), Int(values.linesize.3)
        )
        func layer(_ step: Int, _ value: ((luma: Int32, blue: Int32, red: Int32)) -> Int32) -> Layer {
            var layer = Layer(width: picture.width / step, height: picture.height / step, samples: [], alpha: [])
            for y in 0..<layer.height {
                for x in 0..<layer.width {
                    var (r, g, b, a) = (0, 0, 0, 0)
                    for line in y * step..<(y + 1) * step {
                        for column in x * step..<(x + 1) * step {
                            g += Int(green[line * strides.0 + column])
                            b += Int(blue[line * strides.1 + column])
                            r += Int(red[line * strides.2 + column])
                            a += Int(alpha[line * strides.3 + column])
                        }
                    }
                    func straight(_ sum: Int) -> UInt8 { a == 0 ? 0 : UInt8(min(255, (sum * 255 + a / 2) / a)) }
                    let colour = Colour(red: straight(r), green: straight(g), blue: straight(b))
                    layer.samples.append(UInt8(min(max(value(colour.bt709), 0), 255)))
                    layer.alpha.append(UInt8(a / (step * step)))
                }
            }
            return layer
        }
        return [layer(1) { $0.luma }, layer(2) { $0.blue }, layer(2) { $0.red }]
    }
}
