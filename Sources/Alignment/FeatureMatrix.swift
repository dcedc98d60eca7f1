/// A row of numbers for each frame, which says how it sounds.
struct FeatureMatrix {
    /// Numbers in a row: the cepstral coefficients, then how each changes.
    static let width = 28

    private(set) var count: Int
    var values: [Float]

    init(count: Int) {
        self.count = count
        values = [Float](repeating: 0, count: count * Self.width)
    }

    mutating func append(_ row: some Collection<Float>) {
        values.append(contentsOf: row)
        count += 1
    }

    var indices: Range<Int> { 0..<count }

    func row(_ index: Int) -> ArraySlice<Float> { values[(index * Self.width)..<((index + 1) * Self.width)] }

    /// Rows that each stand for the mean of several, in order.
    func means(of groups: some Sequence<Range<Int>>) -> FeatureMatrix {
        var means = FeatureMatrix(count: 0)
        for group in groups {
            var sum = [Float](repeating: 0, count: Self.width)
            for row in group { for column in 0..<Self.width { sum[column] += values[row * Self.width + column] } }
            means.append(sum.map { $0 / Float(group.count) })
        }
        return means
    }

    /// Rows of four numbers at a time, as the processor compares them.
    var quads: [SIMD4<Float>] {
        values.withUnsafeBufferPointer { values in
            (0..<(values.count / 4)).map {
                SIMD4(values[4 * $0], values[4 * $0 + 1], values[4 * $0 + 2], values[4 * $0 + 3])
            }
        }
    }
}
