/// The picture's size, and lengths that suit it.
struct Frame: Sendable {
    /// Pixels
    let width: Int
    /// Pixels
    let height: Int

    var w: Float { Float(width) }
    var h: Float { Float(height) }
    /// The shorter side, in pixels: what sizes are given in, so that landscape and portrait look alike.
    var unit: Float { Float(min(width, height)) }
}

/// One row of pixels while it is painted: a plane for each of red, green and blue, sRGB as encoded, 0...1.
///
/// Loops over it are plain `while` loops on purpose: ranges cost a debug build ten times as much.
struct PixelRow {
    /// From the top, at the pixels' centres.
    let y: Float
    let width: Int
    let red: UnsafeMutablePointer<Float>
    let green: UnsafeMutablePointer<Float>
    let blue: UnsafeMutablePointer<Float>

    func fill(_ ink: Ink) { fill(ink, from: 0, to: width) }

    /// `from..<to`, cut to the row.
    func fill(_ ink: Ink, from: Int, to: Int) {
        let start = from < 0 ? 0 : from
        let count = (to > width ? width : to) - start
        guard count > 0 else { return }
        (red + start).update(repeating: ink.red, count: count)
        (green + start).update(repeating: ink.green, count: count)
        (blue + start).update(repeating: ink.blue, count: count)
    }

    /// Covers one pixel with `share` of the colour.
    @inline(__always)
    func blend(_ x: Int, _ ink: Ink, _ share: Float) {
        red[x] += (ink.red - red[x]) * share
        green[x] += (ink.green - green[x]) * share
        blue[x] += (ink.blue - blue[x]) * share
    }

    /// Adds light to one pixel, the less the brighter it is (screen blending).
    @inline(__always)
    func light(_ x: Int, _ ink: Ink, _ share: Float) {
        red[x] += ink.red * share * (1 - red[x])
        green[x] += ink.green * share * (1 - green[x])
        blue[x] += ink.blue * share * (1 - blue[x])
    }

    /// A round glow, falling off smoothly to nothing at `radius`; `strength` at its centre.
    func glow(atX cx: Float, y cy: Float, radius: Float, _ ink: Ink, strength: Float) {
        let dy = y - cy
        let reach = radius * radius - dy * dy
        guard reach > 0 else { return }
        let half = reach.squareRoot()
        var x = Int(max(0, cx - half))
        let end = Int(min(Float(width), cx + half + 1))
        let inverse = 1 / (radius * radius)
        while x < end {
            let dx = Float(x) + 0.5 - cx
            let rest = 1 - (dx * dx + dy * dy) * inverse
            if rest > 0 { light(x, ink, strength * rest * rest * rest) }
            x += 1
        }
    }

    /// A disc with a smooth edge; `share` covers, 0...1.
    func disc(atX cx: Float, y cy: Float, radius: Float, _ ink: Ink, share: Float) {
        let dy = y - cy
        let outer = radius + 1
        let reach = outer * outer - dy * dy
        guard reach > 0 else { return }
        let half = reach.squareRoot()
        var x = Int(max(0, cx - half))
        let end = Int(min(Float(width), cx + half + 1))
        while x < end {
            let dx = Float(x) + 0.5 - cx
            // Near the edge (r² - d²) / 2r is the distance to it.
            let inside = (radius * radius - dx * dx - dy * dy) / (2 * radius) + 0.5
            if inside > 0 { blend(x, ink, inside < 1 ? share * inside : share) }
            x += 1
        }
    }
}
