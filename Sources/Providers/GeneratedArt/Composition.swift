/// A picture worked out from a seed, ready to be painted row by row, in any order and on several threads.
protocol Composition: Sendable {
    /// Sets every pixel of the row.
    func paint(_ row: PixelRow)
}
