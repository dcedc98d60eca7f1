/// The contour lines of an unknown country, on a map by night.
struct Contours: Composition {
    private let heights: Samples
    private let columns: Int
    private let rows: Int
    private let spacing: Float
    private let ground: [Ink]
    private let line: Ink
    private let accent: Ink
    private let levels: Float
    private let accentLevel: Int
    private let thickness: Float

    /// Heights are worked out at every so many pixels, and lie on straight lines between.
    private static let cell = 8

    init(_ frame: Frame, _ inks: Inks, _ dice: inout Dice) {
        columns = frame.width / Self.cell + 2
        rows = frame.height / Self.cell + 2
        spacing = Float(Self.cell)
        let noise = Noise(&dice)
        let pace = dice.number(1.0...1.5) / frame.unit * spacing
        let (x0, y0) = (dice.number(0...50), dice.number(0...50))
        let (columns, rows) = (columns, rows)
        heights = Samples(count: columns * rows) { index in
            let x = Float(index % columns) * pace + x0
            let y = Float(index / columns) * pace + y0
            // Bending the map by itself gives it valleys rather than blobs.
            let bend = noise.value(x * 0.8 + 31, y * 0.8 + 47) * 1.5
            return noise.layered(x + bend, y + bend * 0.6, octaves: 3, gain: 0.32)
        }
        levels = Float(dice.whole(16...22))
        accentLevel = Int(levels * dice.number(0.56...0.66))
        let count = Int(levels) + 2
        ground = (0..<count).map { inks.ramp(0.03 + 0.56 * Float($0) / Float(count - 1)) }
        line = inks.bright
        accent = inks.accent
        thickness = frame.unit / 1080 * 0.8
    }

    func paint(_ row: PixelRow) {
        let place = row.y / spacing
        let band = Int(place)
        let below = place - Float(band)
        let upper = heights.values + band * columns
        let lower = upper + (band + 1 < rows ? columns : 0)
        var column = 0
        var x = 0
        while x < row.width {
            let left = upper[column] + (lower[column] - upper[column]) * below
            let right = upper[column + 1] + (lower[column + 1] - upper[column + 1]) * below
            let across = (right - left) / spacing * levels
            let down = (lower[column] - upper[column]) / spacing * levels
            let slope = (across * across + down * down).squareRoot() + 0.000_01
            let inverse = 1 / slope
            var level = left * levels + across * 0.5
            let end = x + Self.cell < row.width ? x + Self.cell : row.width
            while x < end {
                let step = Int(level)
                row.blend(x, ground[step < 0 ? 0 : step < ground.count ? step : ground.count - 1], 1)
                let nearest = Int(level + 0.5)
                let away = (level - Float(nearest)) * inverse
                let strong = nearest % 5 == 0
                let distance = (away < 0 ? -away : away) - thickness * (strong ? 1.5 : 0.8)
                let cover = 0.5 - distance
                if cover > 0 {
                    let share = cover < 1 ? cover : 1
                    if nearest == accentLevel {
                        row.blend(x, accent, share * 0.95)
                    } else {
                        row.blend(x, line, share * (strong ? 0.72 : 0.40))
                    }
                }
                level += across
                x += 1
            }
            column += 1
        }
    }
}
