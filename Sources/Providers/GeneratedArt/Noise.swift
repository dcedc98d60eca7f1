/// Smooth random hills: numbers in 0...1 that change gently from place to place. One seed, one landscape.
struct Noise: Sendable {
    private let seed: UInt32

    init(_ dice: inout Dice) { seed = UInt32(dice.next() &>> 32) }

    /// Along a line; hills are about one unit apart.
    func value(_ x: Float) -> Float { value(x, 0) }

    /// Over a plane.
    func value(_ x: Float, _ y: Float) -> Float {
        let (left, top) = (x.rounded(.down), y.rounded(.down))
        let (i, j) = (Int32(left), Int32(top))
        let (u, v) = (Self.ease(x - left), Self.ease(y - top))
        let (a, b) = (corner(i, j), corner(i + 1, j))
        let (c, d) = (corner(i, j + 1), corner(i + 1, j + 1))
        let upper = a + (b - a) * u
        return upper + (c + (d - c) * u - upper) * v
    }

    /// Several layers, each twice as fine and `gain` as strong as the one before.
    func layered(_ x: Float, _ y: Float = 0, octaves: Int, gain: Float = 0.5) -> Float {
        var (sum, weight, total, scale): (Float, Float, Float, Float) = (0, 1, 0, 1)
        for octave in 0..<octaves {
            let shift = Float(octave) * 17.3
            sum += value(x * scale + shift, y * scale + shift) * weight
            total += weight
            weight *= gain
            scale *= 2
        }
        return sum / total
    }

    private static func ease(_ t: Float) -> Float { t * t * t * (t * (t * 6 - 15) + 10) }

    /// The hill's height at a whole place.
    private func corner(_ i: Int32, _ j: Int32) -> Float {
        var hash = UInt32(bitPattern: i) &* 0x9E37_79B1 ^ UInt32(bitPattern: j) &* 0x85EB_CA77 ^ seed
        hash = (hash ^ (hash &>> 15)) &* 0x2C1B_3C6D
        hash = (hash ^ (hash &>> 12)) &* 0x297A_2D39
        hash ^= hash &>> 15
        return Float(hash &>> 8) / Float(1 << 24)
    }
}
