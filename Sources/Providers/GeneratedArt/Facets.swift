/// A folded surface of triangles, each one tone, in slanting light.
struct Facets: Composition {
    private struct Triangle {
        let x: (Float, Float, Float)
        let y: (Float, Float, Float)
        let ink: Ink
    }

    /// Triangles by the row of the grid that their upper corners started from.
    private let bands: [[Triangle]]
    private let size: Float

    init(_ frame: Frame, _ inks: Inks, _ dice: inout Dice) {
        let size = frame.unit / dice.number(5.0...7.0)
        self.size = size
        let columns = Int(frame.w / size) + 4
        let rows = Int(frame.h / size) + 4
        let points = (0..<(rows * columns)).map { index in
            let (column, row) = (Float(index % columns), Float(index / columns))
            // Every other row is shifted, so that triangles come out nearly regular before they are shaken.
            let shift: Float = (index / columns).isMultiple(of: 2) ? 0 : 0.5
            return (
                x: (column - 1.5 + shift + dice.number(-0.28...0.28)) * size,
                y: (row - 1.5 + dice.number(-0.28...0.28)) * size
            )
        }
        let noise = Noise(&dice)
        let focus = (x: frame.w * dice.number(0.2...0.8), y: frame.h * dice.number(0.1...0.3))
        let reach = (frame.w * frame.w + frame.h * frame.h).squareRoot()
        var spread = dice
        var accentsLeft = 2
        func triangle(_ a: Int, _ b: Int, _ c: Int) -> Triangle {
            let corners = (points[a], points[b], points[c])
            let cx = (corners.0.x + corners.1.x + corners.2.x) / 3
            let cy = (corners.0.y + corners.1.y + corners.2.y) / 3
            let dx = cx - focus.x
            let dy = cy - focus.y
            let far = (dx * dx + dy * dy).squareRoot() / reach
            let fold = noise.layered(cx / frame.unit * 2.2, cy / frame.unit * 2.2, octaves: 2)
            let tone = 0.75 - 1.05 * far + 0.42 * (fold - 0.5) + spread.number(-0.075...0.075)
            var ink = inks.ramp(max(0.02, min(0.92, tone)))
            if accentsLeft > 0, far > 0.12, far < 0.32, spread.chance(0.05) {
                ink = ink.mixed(inks.accent, 0.6)
                accentsLeft -= 1
            }
            return Triangle(
                x: (corners.0.x, corners.1.x, corners.2.x), y: (corners.0.y, corners.1.y, corners.2.y), ink: ink)
        }
        bands = (0..<(rows - 1)).map { row in
            (0..<(columns - 1)).flatMap { column in
                let a = row * columns + column
                let (b, c, d) = (a + 1, a + columns, a + columns + 1)
                return row.isMultiple(of: 2)
                    ? [triangle(a, b, c), triangle(b, d, c)] : [triangle(a, b, d), triangle(a, d, c)]
            }
        }
    }

    /// Lines taken through each row of pixels, to smooth edges that run nearly level.
    private static let lines = 4

    func paint(_ row: PixelRow) {
        row.fill(Ink(0, 0, 0))
        let middle = Int(row.y / size + 1.5)
        let near = bands[max(0, min(bands.count - 1, middle - 2))...max(0, min(bands.count - 1, middle + 1))]
        let share = 1 / Float(Self.lines)
        for band in near {
            for triangle in band {
                for line in 0..<Self.lines {
                    add(triangle, at: row.y - 0.5 + (Float(line) + 0.5) * share, share, to: row)
                }
            }
        }
    }

    /// Adds what of a level line lies in the triangle. Pixels on its edge get their part, so neighbours make one whole.
    private func add(_ triangle: Triangle, at y: Float, _ share: Float, to row: PixelRow) {
        var from = Float.greatestFiniteMagnitude
        var to = -Float.greatestFiniteMagnitude
        func cross(_ ax: Float, _ ay: Float, _ bx: Float, _ by: Float) {
            // From the upper corner to the lower, whoever's edge it is: neighbours then agree to the last bit.
            if ay > by { return cross(bx, by, ax, ay) }
            guard y >= ay, y < by else { return }
            let x = ax + (bx - ax) * (y - ay) / (by - ay)
            if x < from { from = x }
            if x > to { to = x }
        }
        cross(triangle.x.0, triangle.y.0, triangle.x.1, triangle.y.1)
        cross(triangle.x.1, triangle.y.1, triangle.x.2, triangle.y.2)
        cross(triangle.x.2, triangle.y.2, triangle.x.0, triangle.y.0)
        let limit = Float(row.width)
        from = from < 0 ? 0 : from
        to = to > limit ? limit : to
        guard from < to else { return }

        let ink = triangle.ink.times(share)
        func add(_ x: Int, _ part: Float) {
            row.red[x] += ink.red * part
            row.green[x] += ink.green * part
            row.blue[x] += ink.blue * part
        }
        let (first, last) = (Int(from), Int(to))
        if first == last { return add(first, to - from) }
        add(first, Float(first + 1) - from)
        if last < row.width { add(last, to - Float(last)) }
        var x = first + 1
        while x < last {
            row.red[x] += ink.red
            row.green[x] += ink.green
            row.blue[x] += ink.blue
            x += 1
        }
    }
}
