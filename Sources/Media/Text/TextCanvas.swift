import CAss
import CFFmpeg
import CSampling

/// Drawn text, ready to be laid over any number of frames: samples of Y'CbCr, multiplied by their coverage.
final class TextCanvas {
    /// How a colour becomes Y', Cb, Cr.
    typealias Matrix = @Sendable (Colour) -> (luma: Int32, blue: Int32, red: Int32)

    private let size: FrameSize
    private let matrix: Matrix
    /// Of the frame; even. Empty: nothing is drawn.
    private(set) var columns = 0..<0
    private(set) var lines = 0..<0
    private var stride = 0
    /// Of one plane.
    private var room: Int { stride * lines.count }
    /// Four planes of all of `columns` × `lines`: Y', Cb, Cr and coverage.
    private var samples: [UInt8] = []
    /// Three of a quarter of their size, for frames of halved colour: Cb, Cr and coverage.
    private var halved: [UInt8] = []
    /// For each pair of lines, which of its columns aren't empty; even.
    private var extents: [Range<Int>] = []

    init(_ size: FrameSize, matrix: @escaping Matrix = { $0.bt709 }) { (self.size, self.matrix) = (size, matrix) }

    var isEmpty: Bool { lines.isEmpty }

    func clear() { (columns, lines) = (0..<0, 0..<0) }

    /// Draws `script` instead of what was drawn before.
    func draw(_ script: String, with renderer: AssRenderer) throws(MediaError) {
        clear()
        var images: [UnsafePointer<ASS_Image>] = []
        // Bitmaps live until the next script is drawn.
        try renderer.draw(script) { image in
            // libass cuts at the frame's edges. Were it otherwise once, this would be written beside the canvas.
            let box = InkBox(image.pointee)
            guard box.left >= 0, box.top >= 0, box.right <= size.width, box.bottom <= size.height else { return }
            images.append(image)
        }
        guard let first = images.first else { return }
        var box = InkBox(first.pointee)
        for image in images.dropFirst() { box.join(InkBox(image.pointee)) }
        columns = max(0, box.left / 2 * 2)..<min(size.width, (box.right + 1) / 2 * 2)
        lines = max(0, box.top / 2 * 2)..<min(size.height, (box.bottom + 1) / 2 * 2)
        stride = (columns.count + 63) / 64 * 64
        samples = [UInt8](repeating: 0, count: 4 * room)
        for image in images { ink(image.pointee) }
        finish()
    }

    private func ink(_ image: ASS_Image) {
        let colour = Colour(image.color >> 8)
        let opacity = 255 - Int32(image.color & 0xFF)
        guard opacity > 0 else { return }
        let values = matrix(colour)
        let (left, top) = (Int(image.dst_x) - columns.lowerBound, Int(image.dst_y) - lines.lowerBound)
        let offset = top * stride + left
        samples.withUnsafeMutableBufferPointer { samples in
            guard let base = samples.baseAddress else { return }
            yt_ink(
                (0..<4).map { base + $0 * room + offset }, stride, image.bitmap, Int(image.stride), image.w, image.h,
                [values.luma, values.blue, values.red].map { UInt8(clamping: $0) }, opacity)
        }
    }

    private func finish() {
        let (width, height) = (Int32(columns.count / 2), Int32(lines.count / 2))
        samples.withUnsafeBufferPointer { samples in
            guard let base = samples.baseAddress else { return }
            halved = [UInt8](repeating: 0, count: 3 * (room / 4))
            halved.withUnsafeMutableBufferPointer { halved in
                guard let to = halved.baseAddress else { return }
                for plane in 0..<3 {
                    yt_halve(to + plane * (room / 4), stride / 2, base + (plane + 1) * room, stride, width, height)
                }
            }
            let coverage = base + 3 * room
            extents = (0..<lines.count / 2).map { pair in
                let (upper, lower) = (extent(coverage + 2 * pair * stride), extent(coverage + (2 * pair + 1) * stride))
                guard !upper.isEmpty else { return lower }
                guard !lower.isEmpty else { return upper }
                return min(upper.lowerBound, lower.lowerBound)..<max(upper.upperBound, lower.upperBound)
            }
        }
    }

    private func extent(_ line: UnsafePointer<UInt8>) -> Range<Int> {
        var (first, end): (Int32, Int32) = (0, 0)
        yt_extent(line, Int32(columns.count), &first, &end)
        return Int(first) / 2 * 2..<(Int(end) + 1) / 2 * 2
    }

    /// Lays the text over a frame of 4:2:0 or 4:4:4.
    func lay(over frame: Frame) {
        guard !isEmpty else { return }
        let isHalved = frame.pixelFormat == AV_PIX_FMT_YUV420P
        for index in 0..<3 {
            guard let plane = frame.plane(index) else { continue }
            let half = isHalved && index > 0 ? 2 : 1
            let own = stride / half
            (half == 2 ? halved : samples).withUnsafeBufferPointer { all in
                guard let base = all.baseAddress else { return }
                let values = half == 2 ? base + (index - 1) * (room / 4) : base + index * room
                let coverage = half == 2 ? base + 2 * (room / 4) : base + 3 * room
                for (pair, extent) in extents.enumerated() where !extent.isEmpty {
                    let (line, column) = (pair * 2 / half, extent.lowerBound / half)
                    let to = (lines.lowerBound / half + line) * plane.stride + columns.lowerBound / half + column
                    let from = line * own + column
                    yt_cover(
                        plane.samples + to, plane.stride, values + from, coverage + from, own,
                        Int32(extent.count / half), Int32(2 / half))
                }
            }
        }
    }

    /// How much of the pixel is text, 0 to 255.
    func coverage(x: Int, y: Int) -> UInt8 {
        guard columns.contains(x), lines.contains(y) else { return 0 }
        return samples[3 * room + (y - lines.lowerBound) * stride + x - columns.lowerBound]
    }
}

/// Whole pixels of a frame that something is drawn on.
struct InkBox: Hashable {
    var left: Int
    var top: Int
    var right: Int
    var bottom: Int

    var width: Int { right - left }
    var height: Int { bottom - top }

    mutating func join(_ other: InkBox) {
        (left, top) = (min(left, other.left), min(top, other.top))
        (right, bottom) = (max(right, other.right), max(bottom, other.bottom))
    }
}

extension InkBox {
    /// All of the bitmap: libass makes them larger than what is in them.
    init(_ image: ASS_Image) {
        let (x, y) = (Int(image.dst_x), Int(image.dst_y))
        self.init(left: x, top: y, right: x + Int(image.w), bottom: y + Int(image.h))
    }

    /// What is drawn in the bitmap; nil: nothing.
    init?(inkOf image: ASS_Image) {
        var box: InkBox?
        for line in 0..<Int(image.h) {
            var (first, end): (Int32, Int32) = (0, 0)
            yt_extent(image.bitmap + line * Int(image.stride), image.w, &first, &end)
            guard first < end else { continue }
            let (x, y) = (Int(image.dst_x), Int(image.dst_y) + line)
            let part = InkBox(left: x + Int(first), top: y, right: x + Int(end), bottom: y + 1)
            if box?.join(part) == nil { box = part }
        }
        guard let box else { return nil }
        self = box
    }
}
