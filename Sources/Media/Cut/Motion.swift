/// The slow camera move over a still: what the frame shows at the beginning, and at the end.
public struct Motion: Sendable, Hashable, Codable {
    /// Parts of the picture, each of the frame's shape.
    public var start: Box
    public var end: Box

    public init(from start: Box, to end: Box) { (self.start, self.end) = (start, end) }

    /// Zoom is never more, so a picture needs this much more than the frame has to stay sharp.
    public static let greatestZoom = 1.18
    /// At the start: even a pan needs room.
    private static let leastZoom = 1.04
    /// Of zoom in a second: seen, but not felt.
    private static let rate = 0.0125

    /// A move whose direction and speed follow from `seed`. What it shows covers the frame.
    ///
    /// - Parameters:
    ///   - picture: the picture's width and height; only their ratio counts.
    ///   - seconds: how long it is seen, transitions included.
    ///   - focus: what must not be cut, a face for example; it stays in sight where it fits into the frame at all.
    public init(
        over picture: (width: Int, height: Int), for frame: FrameSize, seconds: Double, seed: UInt64, focus: Box? = nil
    ) {
        var chance = SplitMix64(seed)
        // The largest part of the frame's shape.
        let shape = Double(frame.width) / Double(frame.height) * Double(picture.height) / Double(max(1, picture.width))
        let (width, height) = shape < 1 ? (shape, 1) : (1, 1 / shape)
        let growth = min(max(seconds * Self.rate, 0.03), Self.greatestZoom - Self.leastZoom)
        let (near, far) = (Self.leastZoom + growth, Self.leastZoom)
        // From one side of the middle to the other, so that the move goes through the picture's centre.
        let side: Double = chance.share() < 0.5 ? -1 : 1
        let (x, y) = (0.5 + side * (0.18 + 0.27 * chance.share()), 0.5 + (chance.share() - 0.5) * 0.5)
        let comesCloser = chance.share() < 0.5
        func window(_ zoom: Double, _ x: Double, _ y: Double) -> Box {
            let (shownWidth, shownHeight) = (width / zoom, height / zoom)
            // The room that the shape leaves is shared evenly, that of the zoom by the move.
            var left = (1 - width) / 2 + (width - shownWidth) * x
            var top = (1 - height) / 2 + (height - shownHeight) * y
            if let focus {
                left = Self.shifted(left, shownWidth, toShow: focus.left, focus.right)
                top = Self.shifted(top, shownHeight, toShow: focus.top, focus.bottom)
            }
            return Box(left: left, top: top, width: shownWidth, height: shownHeight)
        }
        (start, end) = (window(comesCloser ? far : near, x, y), window(comesCloser ? near : far, 1 - x, 1 - y))
    }

    /// What is seen when `progress`, 0 to 1, of the time has passed. Constant speed: the picture never stands still.
    func window(at progress: Double) -> Box { start.mixed(with: end, min(max(progress, 0), 1)) }

    /// Where a window of `length` has to begin so that it shows `from` to `to`, or the middle of it where it is longer.
    private static func shifted(_ begin: Double, _ length: Double, toShow from: Double, _ to: Double) -> Double {
        let moved = to - from > length ? (from + to - length) / 2 : min(max(begin, to - length), from)
        return min(max(moved, 0), 1 - length)
    }
}
