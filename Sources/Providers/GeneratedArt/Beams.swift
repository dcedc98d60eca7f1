/// Shafts of light that fall from above, with dust in them.
struct Beams: Composition {
    private struct Mote {
        let x: Float, y: Float, radius: Float, strength: Float
    }

    private let source: (x: Float, y: Float)
    /// Light by direction: the tangent of the angle from straight down, from -`spread` to `spread`.
    private let shafts: Samples
    private let dust: [Mote]
    private let frame: Frame
    private let top: Ink
    private let bottom: Ink
    private let light: Ink
    private let warm: Ink

    private static let spread: Float = 4

    init(_ frame: Frame, _ inks: Inks, _ dice: inout Dice) {
        self.frame = frame
        source = (
            frame.w * (dice.chance(0.5) ? dice.number(0.08...0.30) : dice.number(0.70...0.92)), -0.28 * frame.unit
        )
        top = inks.deep.mixed(inks.mid, 0.4)
        bottom = inks.dark.times(0.85)
        light = inks.bright
        warm = inks.light
        let noise = Noise(&dice)
        let start = dice.number(0...50)
        shafts = Samples(count: 2048) { index in
            let tangent = (Float(index) / 2047 * 2 - 1) * Self.spread
            // Squeezed, so that shafts seen at a slant are as wide as those from straight above.
            let angle = tangent / (1 + 0.35 * abs(tangent))
            let broad = noise.layered(angle * 2.6 + start, octaves: 2)
            let fine = noise.layered(angle * 9 + start, 11, octaves: 3)
            let sum = max(0, min(1, (broad * 0.68 + fine * 0.32 - 0.34) * 2.3))
            return sum * sum * (3 - 2 * sum)
        }
        dust = (0..<90).map { _ in
            let size = dice.number(0...1)
            return Mote(
                x: frame.w * dice.number(0...1), y: frame.h * dice.number(0.02...0.66),
                radius: frame.unit * (0.0016 + 0.011 * size * size * size),
                strength: dice.number(0.10...0.55) * (1.1 - 0.75 * size))
        }
    }

    func paint(_ row: PixelRow) {
        let share = min(1, row.y / (frame.h * 0.9))
        row.fill(top.mixed(bottom, share * (2 - share)))
        let down = row.y - source.y
        let fade = 1 / (1 + down / (frame.unit * 0.75) * down / (frame.unit * 0.75))
        let scale = 1023.5 / (Self.spread * down)
        let values = shafts.values
        var x = 0
        while x < row.width {
            let place = (Float(x) + 0.5 - source.x) * scale + 1023.5
            if place > 0, place < 2046 {
                let index = Int(place)
                let shaft = values[index] + (values[index + 1] - values[index]) * (place - Float(index))
                row.light(x, light, shaft * fade * 1.05)
            }
            x += 1
        }
        row.glow(atX: source.x, y: source.y, radius: frame.unit * 1.15, warm, strength: 0.75)
        for mote in dust { row.glow(atX: mote.x, y: mote.y, radius: mote.radius, warm, strength: mote.strength) }
    }
}
