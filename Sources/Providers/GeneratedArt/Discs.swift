/// A few large translucent discs, overlapping like sheets of coloured glass.
struct Discs: Composition {
    private struct Disc {
        let x: Float, y: Float, radius: Float
        let ink: Ink
        /// How much it covers on the one side and on the other.
        let from: Float, to: Float
        /// The direction from the one side to the other, unit length.
        let dx: Float, dy: Float
    }

    private let discs: [Disc]
    private let top: Ink
    private let bottom: Ink
    private let height: Float

    init(_ frame: Frame, _ inks: Inks, _ dice: inout Dice) {
        height = frame.h
        top = inks.dark.mixed(inks.deep, 0.9)
        bottom = inks.dark
        // Centres follow a gentle diagonal, so that the discs belong together.
        let slope = dice.sign()
        let count = dice.whole(6...8)
        let colours = [inks.mid, inks.bright, inks.mid, inks.deep.mixed(inks.mid, 0.5), inks.accent, inks.bright]
        discs = (0..<count).map { index in
            let place = (Float(index) + dice.number(0.2...0.8)) / Float(count)
            let along = frame.w > frame.h ? place : dice.number(0.15...0.85)
            let down =
                frame.w > frame.h
                ? 0.36 + slope * (place - 0.5) * 0.32 + dice.number(-0.13...0.13) : 0.12 + place * 0.52
            let small = index % 3 == 2
            let radius = frame.unit * (small ? dice.number(0.06...0.12) : dice.number(0.20...0.38))
            let angle = dice.pick([(0.6, -0.8), (-0.6, -0.8), (0.8, -0.6), (-0.8, -0.6)] as [(Float, Float)])
            return Disc(
                x: frame.w * along, y: frame.h * down, radius: radius,
                ink: small ? inks.accent.mixed(inks.light, 0.3) : colours[index % colours.count],
                from: small ? 0.75 : 0.10, to: small ? 0.92 : dice.number(0.62...0.82), dx: angle.0, dy: angle.1)
        }
    }

    func paint(_ row: PixelRow) {
        row.fill(top.mixed(bottom, min(1, row.y / height)))
        for disc in discs {
            let dy = row.y - disc.y
            let outer = disc.radius + 1
            let reach = outer * outer - dy * dy
            if reach <= 0 { continue }
            let half = reach.squareRoot()
            var x = Int(max(0, disc.x - half))
            let end = Int(max(0, min(Float(row.width), disc.x + half + 1)))
            let (square, inverse) = (disc.radius * disc.radius, 1 / (2 * disc.radius))
            while x < end {
                let dx = Float(x) + 0.5 - disc.x
                let inside = (square - dx * dx - dy * dy) * inverse + 0.5
                if inside > 0 {
                    let along = 0.5 + (dx * disc.dx + dy * disc.dy) * inverse
                    let share = disc.from + (disc.to - disc.from) * along
                    row.blend(x, disc.ink, inside < 1 ? share * inside : share)
                }
                x += 1
            }
        }
    }
}
