/// Quarter circles, arcs and dots on a grid, after the posters of the Bauhaus, kept dark and low in contrast.
struct Tiles: Composition {
    private enum Shape: CaseIterable { case blank, quarter, arcs, leaf, dot, half, corner }

    private struct Tile {
        let shape: Shape
        let flipsX: Bool
        let flipsY: Bool
        let ground: Ink
        let ink: Ink
    }

    private let tiles: [[Tile]]
    private let size: Float
    /// Where the first tile begins: half outside the picture at most, so that both edges look the same.
    private let left: Float
    private let top: Float

    init(_ frame: Frame, _ inks: Inks, _ dice: inout Dice) {
        let across = dice.whole(4...5)
        size = frame.unit / Float(across)
        let columns = Int((frame.w / size).rounded(.up))
        let rows = Int((frame.h / size).rounded(.up))
        left = (frame.w - Float(columns) * size) / 2
        top = (frame.h - Float(rows) * size) / 2
        let shapes: [Shape] = [.quarter, .quarter, .arcs, .leaf, .leaf, .half, .corner, .dot, .blank, .blank]
        tiles = (0..<rows).map { row in
            // Light lies on the upper part; what captions will cover stays dark.
            let light = 1 - 0.75 * Float(row) / Float(max(1, rows - 1))
            return (0..<columns).map { _ in
                let ground = inks.dark.mixed(inks.deep, dice.number(0.15...0.9))
                let choice = dice.number(0...1)
                let bright =
                    choice < 0.10
                    ? inks.accent
                    : choice < 0.34 ? inks.bright : choice < 0.78 ? inks.mid : inks.deep.mixed(inks.mid, 0.55)
                return Tile(
                    shape: dice.pick(shapes), flipsX: dice.chance(0.5), flipsY: dice.chance(0.5), ground: ground,
                    ink: ground.mixed(bright, 0.30 + 0.62 * light))
            }
        }
    }

    func paint(_ row: PixelRow) {
        let down = row.y - top
        let line = min(tiles.count - 1, max(0, Int(down / size)))
        let y = down - Float(line) * size
        for (column, tile) in tiles[line].enumerated() {
            let start = left + Float(column) * size
            // Neighbours meet between pixels' centres, each pixel belonging to one tile.
            let from = max(0, Int((start).rounded()))
            let to = min(row.width, Int((start + size).rounded()))
            if from >= to { continue }
            row.fill(tile.ground, from: from, to: to)
            if tile.shape == .blank { continue }
            let v = tile.flipsY ? size - y : y
            var x = from
            while x < to {
                let u = tile.flipsX ? start + size - Float(x) - 0.5 : Float(x) + 0.5 - start
                let cover = inside(tile.shape, u, v) + 0.5
                if cover > 0 { row.blend(x, tile.ink, cover < 1 ? cover : 1) }
                x += 1
            }
        }
    }

    /// How far inside the shape a point of the tile lies, in pixels; below 0 outside.
    private func inside(_ shape: Shape, _ u: Float, _ v: Float) -> Float {
        switch shape {
        case .blank: return -1
        case .quarter: return size * 0.96 - (u * u + v * v).squareRoot()
        case .arcs:
            let place = (u * u + v * v).squareRoot() / size
            let ring = place < 0.50 ? place - 0.28 : place < 0.72 ? 0.08 - abs(place - 0.60) : 0.08 - abs(place - 0.88)
            return (place < 0.50 ? -ring : ring) * size
        case .leaf:
            let (a, b) = (size - u, size - v)
            let first = size - (u * u + v * v).squareRoot()
            let second = size - (a * a + b * b).squareRoot()
            return (first < second ? first : second)
        case .dot:
            let (a, b) = (u - size / 2, v - size / 2)
            return size * 0.24 - (a * a + b * b).squareRoot()
        case .half:
            let a = u - size / 2
            let round = size * 0.46 - (a * a + v * v).squareRoot()
            return round
        case .corner: return (size - u - v) * 0.7071
        }
    }
}
