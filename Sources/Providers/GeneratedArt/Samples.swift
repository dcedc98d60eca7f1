/// Numbers worked out before painting and read by the million during it; without bounds checks, so that debug builds
/// paint in seconds too. Readers keep to `0..<count`.
///
/// `@unchecked Sendable` holds because the memory is written in `init` only, and freed when nobody refers to it.
final class Samples: @unchecked Sendable {
    let count: Int
    let values: UnsafePointer<Float>
    let least: Float
    let greatest: Float

    init(count: Int, _ value: (Int) -> Float) {
        let memory = UnsafeMutablePointer<Float>.allocate(capacity: max(1, count))
        memory.initialize(repeating: 0, count: max(1, count))
        var (least, greatest) = (Float.greatestFiniteMagnitude, -Float.greatestFiniteMagnitude)
        for index in 0..<count {
            let number = value(index)
            memory[index] = number
            if number < least { least = number }
            if number > greatest { greatest = number }
        }
        self.count = count
        (self.least, self.greatest) = (least, greatest)
        values = UnsafePointer(memory)
    }

    deinit { values.deallocate() }

    /// For each place, 1 / √(1 + slope²): turns a vertical distance to this curve into the distance to it.
    func steepness() -> Samples {
        Samples(count: count) { index in
            let slope = self.values[min(index + 1, self.count - 1)] - self.values[max(index - 1, 0)]
            return 1 / (1 + slope * slope / 4).squareRoot()
        }
    }
}
