/// Mountain ranges one behind the other, in haze, below a low sun.
struct Ridges: Composition {
    private struct Range {
        /// Where the range begins, from the top, for each column.
        let line: Samples
        let steepness: Samples
        let ink: Ink
        /// What its foot fades to, and how far.
        let haze: Ink
        let fading: Float
    }

    private let ranges: [Range]
    private let skyTop: Ink
    private let skyLow: Ink
    private let horizon: Float
    private let sun: (x: Float, y: Float, radius: Float)
    private let glow: Ink
    private let sunInk: Ink
    private let unit: Float

    init(_ frame: Frame, _ inks: Inks, _ dice: inout Dice) {
        unit = frame.unit
        horizon = frame.h * dice.number(0.40...0.50)
        skyTop = inks.dark.mixed(inks.deep, 0.65)
        skyLow = inks.mid.mixed(inks.bright, 0.75)
        sun = (
            frame.w * dice.number(0.24...0.76), horizon - unit * dice.number(0.15...0.28),
            unit * dice.number(0.045...0.085)
        )
        glow = inks.bright.mixed(inks.light, 0.5)
        sunInk = inks.light

        let count = dice.whole(5...6)
        let haze = skyLow.mixed(inks.mid, 0.45)
        ranges = (0..<count).map { index in
            let nearness = Float(index) / Float(count - 1)
            let noise = Noise(&dice)
            let base = frame.h * (0.40 + 0.46 * Self.spread(nearness))
            let height = frame.unit * (0.22 + 0.10 * nearness)
            let pace = (1.5 + 1.1 * (1 - nearness)) / frame.unit
            let start = dice.number(0...100)
            let line = Samples(count: frame.width) { x in
                let place = Float(x) * pace + start
                // Folding the noise makes crests sharp and valleys wide.
                let folded = 1 - abs(2 * noise.value(place) - 1)
                let rough = noise.layered(place * 2, octaves: 6, gain: 0.46)
                return base - height * (0.62 * folded + 0.75 * (rough - 0.5))
            }
            return Range(
                line: line, steepness: line.steepness(),
                ink: haze.mixed(inks.dark, 0.32 + 0.63 * nearness.squareRoot()),
                haze: haze.mixed(inks.deep, 0.3 + 0.6 * nearness), fading: 0.62 * (1 - nearness))
        }
    }

    private static func spread(_ nearness: Float) -> Float { 0.35 * nearness + 0.65 * nearness * nearness }

    func paint(_ row: PixelRow) {
        let y = row.y
        // Whatever lies behind a range that fills this row is not painted.
        let first = ranges.lastIndex { $0.line.greatest + 2 < y } ?? -1
        if first < 0 {
            let share = max(0, min(1, y / (horizon + unit * 0.1)))
            row.fill(skyTop.mixed(skyLow, share * (0.35 + 0.65 * share)))
            row.glow(atX: sun.x, y: sun.y, radius: unit * 0.85, glow, strength: 0.55)
            row.glow(atX: sun.x, y: sun.y, radius: sun.radius * 2.6, sunInk, strength: 0.45)
            row.disc(atX: sun.x, y: sun.y, radius: sun.radius, sunInk, share: 0.94)
        }
        for range in ranges.dropFirst(max(0, first)) where range.line.least - 1 < y { paint(range, row) }
    }

    private func paint(_ range: Range, _ row: PixelRow) {
        let (line, steepness) = (range.line.values, range.steepness.values)
        let inverse = 1 / (unit * 0.34)
        var x = 0
        while x < row.width {
            let depth = row.y - line[x]
            if depth > -1 {
                let cover = depth * steepness[x] + 0.5
                if cover > 0 {
                    var share = depth * inverse
                    share = (share < 0 ? 0 : share > 1 ? 1 : share) * range.fading
                    let ink = Ink(
                        range.ink.red + (range.haze.red - range.ink.red) * share,
                        range.ink.green + (range.haze.green - range.ink.green) * share,
                        range.ink.blue + (range.haze.blue - range.ink.blue) * share)
                    row.blend(x, ink, cover < 1 ? cover : 1)
                }
            }
            x += 1
        }
    }
}
