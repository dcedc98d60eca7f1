import Glibc

/// Rings around a small sun, with planets on a few of them.
struct Orbits: Composition {
    private struct Planet {
        let x: Float, y: Float, radius: Float
        let ink: Ink
        /// Towards the sun, unit length.
        let dx: Float, dy: Float
    }

    private let centre: (x: Float, y: Float)
    private let sunRadius: Float
    private let planets: [Planet]
    private let stars: Stars
    /// How strong the rings' light is, by distance from the centre in quarter pixels.
    private let rings: Samples
    private let unit: Float
    private let ground: Ink
    private let far: Ink
    private let ringInk: Ink
    private let sunInk: Ink
    private let glowInk: Ink

    init(_ frame: Frame, _ inks: Inks, _ dice: inout Dice) {
        unit = frame.unit
        let centre = (
            x: frame.w * dice.number(0.28...0.72), y: frame.h * dice.number(0.34...0.42)
        )
        self.centre = centre
        sunRadius = unit * dice.number(0.035...0.055)
        ground = inks.deep
        far = inks.dark.times(0.8)
        ringInk = inks.bright
        sunInk = inks.light
        glowInk = inks.bright
        stars = Stars(frame, depth: frame.h, perUnit: 120, ink: inks.light, &dice)

        var radii: [(radius: Float, thickness: Float, strength: Float)] = []
        var radius = unit * 0.12
        let reach = (frame.w * frame.w + frame.h * frame.h).squareRoot()
        let pixel = unit / 1080
        while radius < reach {
            radii.append((radius, pixel * dice.number(0.9...1.9), dice.number(0.35...0.75)))
            if dice.chance(0.25) { radii.append((radius + unit * 0.014, pixel * 0.8, 0.3)) }
            radius += unit * dice.number(0.065...0.13)
        }
        var profile = [Float](repeating: 0, count: Int(reach * 4) + 8)
        for ring in radii {
            let edge = ring.thickness + 1
            for index in max(0, Int((ring.radius - edge) * 4))...Int((ring.radius + edge) * 4) + 1
            where index < profile.count {
                let cover = ring.thickness - abs(Float(index) / 4 - ring.radius) + 0.5
                // Outer rings are fainter, as light is.
                let fade = 1 / (1 + ring.radius / unit * 0.9)
                profile[index] = max(profile[index], max(0, min(1, cover)) * ring.strength * fade)
            }
        }
        rings = Samples(count: profile.count) { profile[$0] }

        let inner = radii.filter { $0.thickness > pixel * 0.85 && $0.radius < frame.unit * 0.85 }
        let colours = [inks.accent, inks.bright, inks.mid, inks.light, inks.bright]
        planets = inner.enumerated().compactMap { index, ring in
            guard index % 2 == 1 || index == 0 else { return nil }
            // Where captions will lie there are no planets.
            for _ in 0..<12 {
                let angle = dice.number(0...(2 * .pi))
                let (x, y) = (centre.x + ring.radius * cosf(angle), centre.y + ring.radius * sinf(angle))
                guard y < frame.h * 0.62, y > frame.h * 0.04, x > frame.w * 0.04, x < frame.w * 0.96 else { continue }
                return Planet(
                    x: x, y: y, radius: frame.unit * dice.number(0.013...0.034), ink: colours[index % colours.count],
                    dx: -cosf(angle), dy: -sinf(angle))
            }
            return nil
        }
    }

    func paint(_ row: PixelRow) {
        let dy = row.y - centre.y
        let inverse = 1 / (unit * unit * 0.55)
        let profile = rings.values
        let limit = rings.count - 2
        var x = 0
        while x < row.width {
            let dx = Float(x) + 0.5 - centre.x
            let square = dx * dx + dy * dy
            let near = 1 / (1 + square * inverse)
            row.red[x] = far.red + (ground.red - far.red) * near
            row.green[x] = far.green + (ground.green - far.green) * near
            row.blue[x] = far.blue + (ground.blue - far.blue) * near
            let place = square.squareRoot() * 4
            let index = Int(place)
            if index < limit {
                let share = profile[index] + (profile[index + 1] - profile[index]) * (place - Float(index))
                if share > 0 { row.light(x, ringInk, share) }
            }
            x += 1
        }
        stars.paint(row)
        row.glow(atX: centre.x, y: centre.y, radius: unit * 0.5, glowInk, strength: 0.42)
        row.glow(atX: centre.x, y: centre.y, radius: sunRadius * 2.6, sunInk, strength: 0.6)
        row.disc(atX: centre.x, y: centre.y, radius: sunRadius, sunInk, share: 0.97)
        for planet in planets { paint(planet, row) }
    }

    /// A disc, bright on the side of the sun.
    private func paint(_ planet: Planet, _ row: PixelRow) {
        let dy = row.y - planet.y
        let reach = (planet.radius + 1) * (planet.radius + 1) - dy * dy
        if reach <= 0 { return }
        let half = reach.squareRoot()
        var x = Int(max(0, planet.x - half))
        let end = Int(max(0, min(Float(row.width), planet.x + half + 1)))
        let inverse = 1 / (2 * planet.radius)
        while x < end {
            let dx = Float(x) + 0.5 - planet.x
            let inside = (planet.radius * planet.radius - dx * dx - dy * dy) * inverse + 0.5
            if inside > 0 {
                let facing = 0.5 + (dx * planet.dx + dy * planet.dy) * inverse
                let share = facing < 0 ? 0 : facing
                row.blend(x, planet.ink.times(0.22 + 0.78 * share * share), inside < 1 ? inside : 1)
            }
            x += 1
        }
    }
}
