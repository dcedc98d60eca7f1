/// Faint points of light, scattered evenly.
struct Stars: Sendable {
    private struct Star {
        let x: Float, y: Float, radius: Float, strength: Float
    }

    /// Stars by the 32-pixel band of rows their centre lies in.
    private let bands: [[Star]]
    private let ink: Ink
    private static let band = 32

    /// `depth`: how far down they reach, in pixels; they grow fewer towards it.
    init(_ frame: Frame, depth: Float, perUnit: Float, ink: Ink, _ dice: inout Dice) {
        self.ink = ink
        var bands = [[Star]](repeating: [], count: frame.height / Self.band + 1)
        let count = Int(perUnit * frame.w * depth / (frame.unit * frame.unit))
        for _ in 0..<count {
            let fall = dice.number(0...1)
            let size = dice.number(0...1)
            let radius = 1.3 + 2.2 * size * size * size
            let star = Star(
                x: frame.w * dice.number(0...1), y: depth * fall * (0.5 + 0.5 * fall),
                radius: frame.unit / 1080 * radius, strength: dice.number(0.35...0.95))
            let band = Int(star.y) / Self.band
            if band < bands.count { bands[band].append(star) }
        }
        self.bands = bands
    }

    func paint(_ row: PixelRow) {
        let middle = Int(row.y) / Self.band
        for band in max(0, middle - 1)...min(bands.count - 1, middle + 1) {
            for star in bands[band] {
                row.glow(atX: star.x, y: star.y, radius: star.radius, ink, strength: star.strength)
            }
        }
    }
}
