/// Northern lights over dark hills.
struct Aurora: Composition {
    private struct Curtain {
        /// Its lower edge, from the top of the picture, for each column.
        let edge: Samples
        /// 1 / how far up it reaches.
        let reach: Samples
        let strength: Samples
        let low: Ink
        let high: Ink
    }

    private let curtains: [Curtain]
    private let stars: Stars
    private let hills: [(line: Samples, steepness: Samples, ink: Ink)]
    private let top: Ink
    private let bottom: Ink
    private let ground: Float
    private let softness: Float

    init(_ frame: Frame, _ inks: Inks, _ dice: inout Dice) {
        top = inks.dark.times(0.75)
        bottom = inks.deep.mixed(inks.mid, 0.35)
        ground = frame.h * 0.72
        softness = 1 / (frame.unit * 0.05)
        stars = Stars(frame, depth: frame.h * 0.50, perUnit: 380, ink: Ink(1, 1, 1), &dice)
        let colours: [(Ink, Ink)] = [
            (inks.bright, inks.mid), (inks.accent, inks.bright), (inks.light.mixed(inks.bright, 0.5), inks.mid),
        ]
        curtains = (0..<3).map { index in
            let noise = Noise(&dice)
            let level = frame.h * (0.36 + 0.11 * Float(index)) + frame.unit * dice.number(-0.04...0.04)
            let start = dice.number(0...50)
            let place = { (x: Int) in Float(x) / frame.unit + start }
            let edge = Samples(count: frame.width) { x in
                level + frame.unit * 0.34 * (noise.layered(place(x) * 1.25, octaves: 2, gain: 0.3) - 0.5)
            }
            return Curtain(
                edge: edge,
                reach: Samples(count: frame.width) { x in
                    1 / ((frame.unit + frame.h) / 2 * (0.26 + 0.30 * noise.layered(place(x) * 2.3, 9, octaves: 3)))
                },
                strength: Samples(count: frame.width) { x in
                    // Folds, and fine rays within them.
                    let fold = noise.layered(place(x) * 1.7, 21, octaves: 2)
                    let ray = noise.layered(place(x) * 16, 33, octaves: 3)
                    return max(0, min(1, (fold - 0.22) * 1.7)) * (0.58 + 0.62 * ray) * (index == 1 ? 0.95 : 0.72)
                },
                low: colours[index].0, high: colours[index].1)
        }
        hills = (0..<2).map { index in
            let noise = Noise(&dice)
            let base = frame.h * (0.74 + 0.09 * Float(index))
            let line = Samples(count: frame.width) { x in
                let place = Float(x) / frame.unit
                let shape = noise.layered(place * 1.6 + 7, octaves: 5, gain: 0.42)
                return base - frame.unit * 0.22 * (shape - 0.35)
            }
            return (
                line, line.steepness(), inks.dark.mixed(inks.deep, index == 0 ? 0.40 : 0).times(index == 0 ? 0.9 : 0.6)
            )
        }
    }

    func paint(_ row: PixelRow) {
        let y = row.y
        if hills[1].line.greatest + 2 < y { return row.fill(hills[1].ink) }
        let share = min(1, y / ground)
        row.fill(top.mixed(bottom, share * share))
        stars.paint(row)
        for curtain in curtains where y < curtain.edge.greatest + 1 / softness { paint(curtain, row) }
        for hill in hills where hill.line.least - 1 < y {
            let (line, steepness) = (hill.line.values, hill.steepness.values)
            var x = 0
            while x < row.width {
                let cover = (y - line[x]) * steepness[x] + 0.5
                if cover > 0 { row.blend(x, hill.ink, cover < 1 ? cover : 1) }
                x += 1
            }
        }
    }

    private func paint(_ curtain: Curtain, _ row: PixelRow) {
        let (edge, reach, strength) = (curtain.edge.values, curtain.reach.values, curtain.strength.values)
        let (low, high) = (curtain.low, curtain.high)
        var x = 0
        while x < row.width {
            let up = edge[x] - row.y
            var share: Float = 0
            var height: Float = 0
            if up >= 0 {
                height = up * reach[x]
                if height < 1 { share = (1 - height) * (1 - height) }
            } else {
                // Below its edge a curtain ends softly, but soon.
                let rest = 1 + up * softness
                if rest > 0 { share = rest * rest }
            }
            if share > 0 {
                share *= strength[x]
                let ink = Ink(
                    low.red + (high.red - low.red) * height, low.green + (high.green - low.green) * height,
                    low.blue + (high.blue - low.blue) * height)
                row.light(x, ink, share)
            }
            x += 1
        }
    }
}
