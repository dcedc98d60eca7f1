import CFFmpeg

/// Dims the picture towards the background colour where words stand on it, fades it out at the end, and draws the
/// progress line.
struct Shade {
    private let background: (Int32, Int32, Int32)
    private let accent: (Int32, Int32, Int32)
    private let frameCount: Int
    private let titleFrames: Int
    private let frameRate: Int
    private let height: Int
    /// By line, 0 to 1: the standing shade behind captions.
    private let standing: [Double]

    init(plan: RenderPlan, frameCount: Int, titleFrames: Int) {
        background = plan.palette.background.bt709
        accent = plan.palette.accent.bt709
        (self.frameCount, self.titleFrames, self.frameRate) = (frameCount, titleFrames, plan.frameRate)
        height = plan.size.height
        let (from, to, depth) = plan.size.isVertical ? (0.44, 0.72, 0.54) : (0.56, 0.94, 0.66)
        standing = (0..<plan.size.height).map { line in
            guard !plan.words.isEmpty else { return 0 }
            return depth * Self.ease((Double(line) / Double(plan.size.height) - from) / (to - from))
        }
    }

    func apply(to frame: Frame, number: Int) {
        let title = titleDepth(at: number)
        let fade = fadeDepth(at: number)
        let shares = standing.map { share in
            UInt16((256 * (1 - (1 - share) * (1 - title) * (1 - fade))).rounded())
        }
        let halved = stride(from: 0, to: shares.count - 1, by: 2).map { (shares[$0] + shares[$0 + 1]) / 2 }
        for index in 0..<3 {
            guard let plane = frame.plane(index) else { continue }
            let value = index == 0 ? background.0 : index == 1 ? background.1 : background.2
            yt_shade(
                plane.samples, plane.stride, Int32(plane.width), Int32(plane.height), value,
                index == 0 ? shares : halved)
        }
        drawProgress(on: frame, number: number, fade: fade)
    }

    /// The whole picture is dimmed behind the title, and comes up again within half a second.
    private func titleDepth(at number: Int) -> Double {
        guard titleFrames > 0 else { return 0 }
        let left = Double(titleFrames - number) / (Double(frameRate) * 0.5)
        return 0.58 * Self.ease(left)
    }

    /// Over the last six tenths of a second.
    private func fadeDepth(at number: Int) -> Double {
        let length = min(Double(frameRate) * 0.6, Double(frameCount) / 4)
        return Self.ease(1 - Double(frameCount - 1 - number) / length)
    }

    /// 0 to 1, slow at both ends.
    private static func ease(_ value: Double) -> Double {
        let share = min(max(value, 0), 1)
        return share * share * (3 - 2 * share)
    }

    /// A thin line along the lower edge that grows with the video.
    private func drawProgress(on frame: Frame, number: Int, fade: Double) {
        let thickness = max(2, height / 216)
        let done = Double(number + 1) / Double(frameCount)
        let share = UInt16((230 * (1 - fade)).rounded())
        for index in 0..<3 {
            guard let plane = frame.plane(index) else { continue }
            let lines = index == 0 ? thickness / 2 * 2 : thickness / 2
            // In pairs of luma samples, so that colour and brightness end together.
            let width = Int(Double(frame.width) * done) / 2 * (index == 0 ? 2 : 1)
            let value = index == 0 ? accent.0 : index == 1 ? accent.1 : accent.2
            yt_shade(
                plane.samples + (plane.height - lines) * plane.stride, plane.stride, Int32(width), Int32(lines), value,
                [UInt16](repeating: share, count: lines))
        }
    }
}

extension Colour {
    /// Y', Cb, Cr in limited range by BT.709 (Rec. ITU-R BT.709-6, items 3.2 to 3.5).
    var bt709: (luma: Int32, blue: Int32, red: Int32) {
        let (r, g, b) = (Double(red) / 255, Double(green) / 255, Double(blue) / 255)
        let luma = 0.2126 * r + 0.7152 * g + 0.0722 * b
        return (
            Int32((16 + 219 * luma).rounded()), Int32((128 + 224 * (b - luma) / 1.8556).rounded()),
            Int32((128 + 224 * (r - luma) / 1.5748).rounded())
        )
    }

    /// The colour whose Y', Cb, Cr by BT.601 are those of this one by BT.709, as near as there is one.
    var looksLikeItInBT601: Colour {
        let (r, g, b) = (Double(red), Double(green), Double(blue))
        let luma = 0.2126 * r + 0.7152 * g + 0.0722 * b
        let (newBlue, newRed) = (luma + (b - luma) / 1.8556 * 1.772, luma + (r - luma) / 1.5748 * 1.402)
        let newGreen = (luma - 0.299 * newRed - 0.114 * newBlue) / 0.587
        func byte(_ value: Double) -> UInt8 { UInt8(min(max(value.rounded(), 0), 255)) }
        return Colour(red: byte(newRed), green: byte(newGreen), blue: byte(newBlue))
    }
}
