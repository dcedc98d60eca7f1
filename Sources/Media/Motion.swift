/// The slow camera move over one picture: a pure function of the seed and the time.
struct Motion: Sendable, Equatable {
    /// What the frame shows, in shares of the picture: its width and height are `1 / zoom` of the whole.
    struct Window: Sendable, Equatable {
        var zoom: Double
        /// Of the room that the zoom leaves, 0 (left, top) to 1 (right, bottom).
        var x: Double
        var y: Double
    }

    /// Zoom is never more, so a working picture needs this much more than the frame has.
    static let greatestZoom = 1.18
    /// At the start: even a pan needs room.
    private static let leastZoom = 1.04
    /// Of zoom in a second: seen, but not felt.
    private static let rate = 0.0125

    let start: Window
    let end: Window

    /// - Parameter duration: seconds that the picture is seen.
    init(seed: UInt64, duration: Double) {
        var bits = Self.scramble(seed)
        func next() -> Double {
            bits = Self.scramble(bits)
            return Double(bits >> 11) / Double(1 << 53)
        }
        let growth = min(max(duration * Self.rate, 0.03), Self.greatestZoom - Self.leastZoom)
        let (near, far) = (Self.leastZoom + growth, Self.leastZoom)
        // From one side of the middle to the other, so that the move goes through the picture's centre.
        let (x, y) = (0.5 + (next() < 0.5 ? -1 : 1) * (0.18 + 0.27 * next()), 0.5 + (next() - 0.5) * 0.5)
        let (first, last) = (Window(zoom: far, x: x, y: y), Window(zoom: near, x: 1 - x, y: 1 - y))
        (start, end) =
            next() < 0.5 ? (first, last) : (Window(zoom: near, x: x, y: y), Window(zoom: far, x: 1 - x, y: 1 - y))
    }

    /// - Parameter progress: 0 to 1. Constant speed: the picture never stands still.
    func window(at progress: Double) -> Window {
        let progress = min(max(progress, 0), 1)
        func mix(_ from: Double, _ to: Double) -> Double { from + (to - from) * progress }
        return Window(zoom: mix(start.zoom, end.zoom), x: mix(start.x, end.x), y: mix(start.y, end.y))
    }

    /// SplitMix64 (Steele, Lea and Flood, 2014).
    private static func scramble(_ seed: UInt64) -> UInt64 {
        var z = seed &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
