import CFFmpeg
import CSampling

/// Dims the picture towards the background colour where words stand on it and where it fades, and draws the progress line.
struct Shade {
    private let background: (luma: Int32, blue: Int32, red: Int32)
    private let accent: (luma: Int32, blue: Int32, red: Int32)
    private let cut: Cut
    private let cards: [Range<Int>]
    private let height: Int
    /// By line, 0 to 1: the standing shade behind captions.
    private let standing: [Double]

    /// How dark it is behind a title card.
    private static let cardDepth = 0.58

    init(_ cut: Cut) {
        (background, accent) = (cut.palette.background.bt709, cut.palette.accent.bt709)
        (self.cut, height) = (cut, cut.size.height)
        cards = cut.titles.filter { $0.kind == .card }.map(\.frames)
        let (from, to, depth) = cut.size.isVertical ? (0.44, 0.72, 0.54) : (0.56, 0.94, 0.66)
        standing = (0..<cut.size.height).map { line in
            // A style of one's own brings what it needs to be read.
            guard !cut.captions.pages.isEmpty, !cut.captions.style.isCustom else { return 0 }
            return depth * ((Double(line) / Double(cut.size.height) - from) / (to - from)).eased
        }
    }

    func apply(to frame: Frame, number: Int) {
        let title = cardDepth(at: number)
        let fade = fadeDepth(at: number)
        mix(
            into: frame,
            standing.map { share in UInt16((256 * (1 - (1 - share) * (1 - title) * (1 - fade))).rounded()) })
        if cut.hasProgressLine { drawProgress(on: frame, number: number, fade: fade) }
    }

    /// Brings the whole picture nearer to the background colour: 0 leaves it, 1 leaves nothing of it.
    func dim(_ frame: Frame, by depth: Double) {
        mix(into: frame, [UInt16](repeating: UInt16((256 * min(max(depth, 0), 1)).rounded()), count: height))
    }

    private func mix(into frame: Frame, _ shares: [UInt16]) {
        let halved = stride(from: 0, to: shares.count - 1, by: 2).map { (shares[$0] + shares[$0 + 1]) / 2 }
        for (index, value) in [background.luma, background.blue, background.red].enumerated() {
            guard let plane = frame.plane(index) else { continue }
            yt_shade(
                plane.samples, plane.stride, Int32(plane.width), Int32(plane.height), value,
                index == 0 ? shares : halved)
        }
    }

    /// The whole picture is dimmed behind a title card, and comes up again within its last half second.
    private func cardDepth(at number: Int) -> Double {
        guard let card = cards.first(where: { $0.contains(number) }) else { return 0 }
        let half = Double(cut.frameRate) * 0.5
        let rising = card.lowerBound == 0 ? 1 : (Double(number - card.lowerBound) / half).eased
        return Self.cardDepth * min(rising, (Double(card.upperBound - number) / half).eased)
    }

    /// How far the picture has gone into the background colour, 0 to 1.
    func fadeDepth(at number: Int) -> Double {
        var depth = 0.0
        if number < cut.fadeIn { depth = (1 - Double(number) / Double(cut.fadeIn)).eased }
        let left = cut.frameCount - 1 - number
        if left < cut.fadeOut { depth = max(depth, (1 - Double(left) / Double(cut.fadeOut)).eased) }
        return depth
    }

    /// A thin line along the lower edge that grows with the video.
    private func drawProgress(on frame: Frame, number: Int, fade: Double) {
        let thickness = max(2, height / 216)
        let done = Double(number + 1) / Double(cut.frameCount)
        let share = UInt16((230 * (1 - fade)).rounded())
        for index in 0..<3 {
            guard let plane = frame.plane(index) else { continue }
            let lines = index == 0 ? thickness / 2 * 2 : thickness / 2
            // In pairs of luma samples, so that colour and brightness end together.
            let width = Int(Double(frame.width) * done) / 2 * (index == 0 ? 2 : 1)
            let value = index == 0 ? accent.luma : index == 1 ? accent.blue : accent.red
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
}
