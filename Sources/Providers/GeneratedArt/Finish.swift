/// What every painting goes through last: a quiet dark lower third for captions, a vignette, film grain, and rounding
/// to eight bits.
struct Finish: Sendable {
    private let frame: Frame
    private let seed: UInt32
    /// Each column's part of the vignette.
    private let across: Samples

    /// How much darker the corners are.
    private static let vignette: Float = 0.30
    /// Levels of 255. Enough that no gradient shows steps, little enough that it costs the encoder nothing.
    private static let grain: Float = 1.7

    init(_ frame: Frame, seed: UInt64) {
        self.frame = frame
        self.seed = UInt32(truncatingIfNeeded: seed ^ (seed &>> 32))
        across = Samples(count: frame.width) { x in
            let place = (Float(x) + 0.5) / frame.w * 2 - 1
            return place * place
        }
    }

    /// Writes the row as 3 bytes a pixel to `bytes`, each less the byte of the pixel before it (PNG's filter "Sub").
    func write(_ row: PixelRow, index: Int, to bytes: UnsafeMutablePointer<UInt8>) {
        let place = row.y / frame.h
        let down = (place * 2 - 1) * (place * 2 - 1)
        let quiet = Self.smooth((place - 0.52) / 0.30)
        let rowStrength = 1 - 0.30 * quiet
        let columns = across.values
        var noise = (seed ^ UInt32(index)) &* 0x9E37_79B1 | 1
        noise ^= noise &>> 15
        var (lastRed, lastGreen, lastBlue): (UInt8, UInt8, UInt8) = (0, 0, 0)
        var out = bytes
        var x = 0
        while x < row.width {
            let (red, green, blue) = (row.red[x], row.green[x], row.blue[x])
            let edge = (columns[x] + down) * 0.5
            let luma = 0.3 * red + 0.59 * green + 0.11 * blue
            // The brighter a place in the lower third is, the more it is taken back.
            let factor = 255 * rowStrength * (1 - Self.vignette * edge * edge) / (1 + 1.7 * quiet * luma)
            // Two even numbers added: triangular noise, which hides the rounding completely.
            noise = noise &* 747_796_405 &+ 2_891_336_453
            let first = noise ^ (noise &>> 17)
            let even = Float(first & 0xFFFF) + Float(first &>> 16)
            let grain = (even / 65_536 - 1) * Self.grain + 0.5
            let r = Self.byte(red * factor + grain)
            let g = Self.byte(green * factor + grain)
            let b = Self.byte(blue * factor + grain)
            out[0] = r &- lastRed
            out[1] = g &- lastGreen
            out[2] = b &- lastBlue
            (lastRed, lastGreen, lastBlue) = (r, g, b)
            out += 3
            x += 1
        }
    }

    @inline(__always)
    private static func byte(_ value: Float) -> UInt8 { value <= 0 ? 0 : value >= 255 ? 255 : UInt8(value) }

    private static func smooth(_ place: Float) -> Float {
        let t = max(0, min(1, place))
        return t * t * (3 - 2 * t)
    }
}
