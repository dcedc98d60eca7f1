import Glibc

/// Satin ribbons that twist as they cross the picture, side by side.
struct Ribbons: Composition {
    private struct Ribbon {
        let upper: Samples
        let upperSteepness: Samples
        let lower: Samples
        let lowerSteepness: Samples
        /// How bright each column is, 0...1.
        let sheen: Samples
        let light: Ink
        let shade: Ink
    }

    private let ribbons: [Ribbon]
    private let top: Ink
    private let bottom: Ink
    private let glow: (x: Float, y: Float, ink: Ink)
    private let frame: Frame

    init(_ frame: Frame, _ inks: Inks, _ dice: inout Dice) {
        self.frame = frame
        top = inks.dark.mixed(inks.deep, 0.7)
        bottom = inks.dark.times(0.85)
        glow = (frame.w * dice.number(0.2...0.8), frame.h * 0.3, inks.mid)
        let count = dice.whole(5...6)
        let length = frame.w * dice.number(0.95...1.35)
        let phase = dice.number(0...(2 * .pi))
        let twist = frame.w * dice.number(0.55...0.8)
        let twistPhase = dice.number(0...(2 * .pi))
        let step = dice.number(0.30...0.48)
        let tilt = frame.h * dice.number(0.05...0.12) * dice.sign()
        ribbons = (0..<count).map { index in
            let order = Float(index)
            let middle = (order - Float(count - 1) / 2)
            let base = frame.h * 0.40 + frame.unit * 0.055 * middle
            let half = frame.unit * dice.number(0.085...0.12)
            let centre = { (x: Float) -> Float in
                base + frame.unit * 0.15 * sinf(x / length * 2 * .pi + phase + order * step * 0.6)
                    + tilt * (x / frame.w - 0.5) * 2
            }
            let turn = { (x: Float) -> Float in x / twist * 2 * .pi * 0.5 + twistPhase + order * step }
            let edge = { (x: Int, side: Float) -> Float in
                centre(Float(x)) + side * half * cosf(turn(Float(x)))
            }
            let upper = Samples(count: frame.width) { x in min(edge(x, 1), edge(x, -1)) }
            let lower = Samples(count: frame.width) { x in max(edge(x, 1), edge(x, -1)) }
            let place = order / Float(count - 1)
            let light = place < 0.5 ? inks.bright.mixed(inks.light, 0.45 * (1 - 2 * place)) : inks.bright
            return Ribbon(
                upper: upper, upperSteepness: upper.steepness(), lower: lower, lowerSteepness: lower.steepness(),
                sheen: Samples(count: frame.width) { x in
                    let angle = turn(Float(x))
                    return 0.5 + 0.5 * sinf(angle * 2 + 0.9)
                },
                light: light, shade: inks.deep.mixed(inks.mid, 0.75 - 0.6 * place))
        }
    }

    func paint(_ row: PixelRow) {
        row.fill(top.mixed(bottom, min(1, row.y / frame.h)))
        row.glow(atX: glow.x, y: glow.y, radius: frame.unit * 0.9, glow.ink, strength: 0.35)
        for ribbon in ribbons where row.y > ribbon.upper.least - 1 && row.y < ribbon.lower.greatest + 1 {
            paint(ribbon, row)
        }
    }

    private func paint(_ ribbon: Ribbon, _ row: PixelRow) {
        let (upper, lower, sheen) = (ribbon.upper.values, ribbon.lower.values, ribbon.sheen.values)
        let (upperSteepness, lowerSteepness) = (ribbon.upperSteepness.values, ribbon.lowerSteepness.values)
        let (light, shade) = (ribbon.light, ribbon.shade)
        var x = 0
        while x < row.width {
            let above = (row.y - upper[x]) * upperSteepness[x] + 0.5
            let below = (lower[x] - row.y) * lowerSteepness[x] + 0.5
            if above > 0, below > 0 {
                let cover = (above < 1 ? above : 1) * (below < 1 ? below : 1)
                let across = (row.y - upper[x]) / (lower[x] - upper[x] + 1)
                // Silk shines where it turns to the light, and along its middle a little more.
                let share = sheen[x] * (0.55 + 1.2 * across * (1 - across)) + 0.12 * (1 - across)
                let ink = Ink(
                    shade.red + (light.red - shade.red) * share, shade.green + (light.green - shade.green) * share,
                    shade.blue + (light.blue - shade.blue) * share)
                row.blend(x, ink, cover * 0.90)
            }
            x += 1
        }
    }
}
