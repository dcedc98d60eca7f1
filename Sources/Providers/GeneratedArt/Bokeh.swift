/// Lights far out of focus: soft round spots of many sizes in the dark.
struct Bokeh: Composition {
    private struct Spot {
        let x: Float, y: Float, radius: Float
        let ink: Ink
        let strength: Float
        /// How wide its edge is, as a share of the radius: the larger, the more out of focus.
        let softness: Float
    }

    private let spots: [Spot]
    private let clouds: [(x: Float, y: Float, radius: Float, ink: Ink)]
    private let top: Ink
    private let bottom: Ink
    private let height: Float

    init(_ frame: Frame, _ inks: Inks, _ dice: inout Dice) {
        height = frame.h
        top = inks.dark.mixed(inks.deep, 0.55)
        bottom = inks.dark.times(0.8)
        clouds = (0..<4).map { index in
            (
                frame.w * dice.number(0.1...0.9), frame.h * dice.number(0.1...0.55),
                frame.unit * dice.number(0.5...0.9), index == 0 ? inks.bright : inks.mid
            )
        }
        // Most spots keep to a band across the picture, as street lights would.
        let tilt = dice.number(-0.12...0.12)
        let level = dice.number(0.30...0.42)
        let colours = [inks.bright, inks.light, inks.accent, inks.mid, inks.bright]
        let count = Int(46 * (frame.w * frame.h).squareRoot() / (frame.unit * 1.33))
        spots = (0..<count).map { index in
            let along = dice.number(-0.03...1.03)
            let scatter = (dice.number(-1...1) + dice.number(-1...1)) * 0.24
            let down = level + tilt * (along - 0.5) * 2 + scatter
            let size = dice.number(0...1)
            let radius = frame.unit * (0.012 + 0.085 * size * size)
            return Spot(
                x: frame.w * along, y: frame.h * down, radius: radius,
                ink: colours[index % colours.count], strength: dice.number(0.16...0.52) * (1.15 - 0.6 * size),
                softness: 0.10 + 0.45 * dice.number(0...1) * size)
        }
    }

    func paint(_ row: PixelRow) {
        row.fill(top.mixed(bottom, min(1, row.y / height)))
        for cloud in clouds { row.glow(atX: cloud.x, y: cloud.y, radius: cloud.radius, cloud.ink, strength: 0.30) }
        for spot in spots {
            let dy = row.y - spot.y
            let reach = spot.radius * spot.radius - dy * dy
            if reach <= 0 { continue }
            let half = reach.squareRoot()
            var x = Int(max(0, spot.x - half))
            let end = Int(max(0, min(Float(row.width), spot.x + half + 1)))
            let inverse = 1 / (spot.radius * spot.radius)
            let edge = 1 / spot.softness
            while x < end {
                let dx = Float(x) + 0.5 - spot.x
                let out = (dx * dx + dy * dy) * inverse
                if out < 1 {
                    let rise = (1 - out) * edge
                    let cover = rise < 1 ? rise * rise * (3 - 2 * rise) : 1
                    // A lens gathers a little more light towards the rim.
                    row.light(x, spot.ink, spot.strength * cover * (0.72 + 0.42 * out))
                }
                x += 1
            }
        }
    }
}
