import Glibc

/// Long dunes or waves: broad curves that lie over each other, each lit along its crest and dark at its foot.
struct Dunes: Composition {
    private struct Dune {
        let crest: Samples
        let steepness: Samples
        /// How much light falls on each column, 0...1.
        let light: Samples
        let lit: Ink
        let shaded: Ink
        /// How far below the crest the light has gone, in pixels.
        let depth: Float
    }

    private let dunes: [Dune]
    private let skyTop: Ink
    private let skyLow: Ink
    private let horizon: Float
    private let moon: (x: Float, y: Float, radius: Float)
    private let moonInk: Ink
    private let unit: Float

    init(_ frame: Frame, _ inks: Inks, _ dice: inout Dice) {
        unit = frame.unit
        horizon = frame.h * 0.30
        skyTop = inks.dark
        skyLow = inks.deep.mixed(inks.mid, 0.7)
        moon = (
            frame.w * dice.number(0.2...0.8), frame.h * dice.number(0.13...0.2), unit * dice.number(0.035...0.055)
        )
        moonInk = inks.light
        let count = dice.whole(6...7)
        let from = dice.sign()
        dunes = (0..<count).map { index in
            let nearness = Float(index) / Float(count - 1)
            let base = frame.h * (0.27 + 0.60 * nearness)
            let height = frame.unit * (0.045 + 0.075 * nearness) * dice.number(0.8...1.2)
            let length = frame.unit * (0.75 + 0.5 * nearness) * dice.number(0.8...1.25)
            let phase = dice.number(0...(2 * .pi))
            let second = dice.number(0...(2 * .pi))
            let lean = dice.number(0.25...0.5) * from
            let crest = Samples(count: frame.width) { x in
                let angle = Float(x) / length * 2 * .pi + phase
                // Leaning waves look blown by the wind.
                return base - height * sinf(angle + lean * sinf(angle)) - height * 0.55 * sinf(angle * 0.43 + second)
            }
            let steepest = height / length * 2 * .pi * 1.5
            return Dune(
                crest: crest, steepness: crest.steepness(),
                light: Samples(count: frame.width) { x in
                    let slope =
                        crest.values[min(x + 1, frame.width - 1)] - crest.values[max(x - 1, 0)]
                    return max(0, min(1, 0.5 + 0.5 * from * slope / 2 / steepest))
                },
                lit: inks.ramp(0.86 - 0.50 * nearness), shaded: inks.ramp(0.30 - 0.28 * nearness),
                depth: frame.unit * (0.16 + 0.2 * nearness))
        }
    }

    func paint(_ row: PixelRow) {
        let share = min(1, row.y / horizon)
        row.fill(skyTop.mixed(skyLow, share * share))
        row.glow(atX: moon.x, y: moon.y, radius: moon.radius * 7, moonInk, strength: 0.28)
        row.disc(atX: moon.x, y: moon.y, radius: moon.radius, moonInk, share: 0.92)
        let first = dunes.lastIndex { $0.crest.greatest + 2 < row.y } ?? 0
        for dune in dunes.dropFirst(first) where dune.crest.least - 1 < row.y { paint(dune, row) }
    }

    private func paint(_ dune: Dune, _ row: PixelRow) {
        let (crest, steepness, light) = (dune.crest.values, dune.steepness.values, dune.light.values)
        let inverse = 1 / dune.depth
        let (lit, shaded) = (dune.lit, dune.shaded)
        var x = 0
        while x < row.width {
            let depth = row.y - crest[x]
            if depth > -1 {
                let cover = depth * steepness[x] + 0.5
                if cover > 0 {
                    var rest = 1 - depth * inverse
                    rest = rest < 0 ? 0 : rest > 1 ? 1 : rest
                    let share = rest * rest * (0.22 + 0.78 * light[x])
                    let ink = Ink(
                        shaded.red + (lit.red - shaded.red) * share,
                        shaded.green + (lit.green - shaded.green) * share,
                        shaded.blue + (lit.blue - shaded.blue) * share)
                    row.blend(x, ink, cover < 1 ? cover : 1)
                }
            }
            x += 1
        }
    }
}
