import Glibc

/// How a recording sounds while nobody speaks.
struct SilenceModel {
    private let mean: [Float]
    private let variance: [Float]

    /// Digital silence would be infinitely sure of itself; breath and room must pass for silence too.
    private static let leastVariance: Float = 0.1

    /// - Parameter silent: for each row whether it is silence. If hardly any is, the quietest rows are taken for it.
    init(_ frames: FeatureMatrix, silent: [Bool]) {
        let width = FeatureMatrix.width
        var rows = frames.indices.filter { silent[$0] }
        if rows.count < 8 {
            // The first column is the loudness.
            let sorted = frames.indices.sorted { frames.values[$0 * width] < frames.values[$1 * width] }
            rows = Array(sorted.prefix(max(3, frames.count / 40)))
        }
        var mean = [Float](repeating: 0, count: width)
        var variance = mean
        for row in rows { for column in 0..<width { mean[column] += frames.values[row * width + column] } }
        for column in 0..<width { mean[column] /= Float(max(1, rows.count)) }
        for row in rows {
            for column in 0..<width {
                let difference = frames.values[row * width + column] - mean[column]
                variance[column] += difference * difference
            }
        }
        self.mean = mean
        self.variance = variance.map { max(Self.leastVariance, $0 / Float(max(1, rows.count))) }
    }

    /// For each row what it costs to take it for silence: the same measure as half the squared distance of two sounds
    /// whose difference has a variance of one.
    func costs(of frames: FeatureMatrix) -> [Float] {
        let width = FeatureMatrix.width
        let constant = 0.5 * variance.reduce(0) { $0 + log($1) }
        return frames.indices.map { row in
            var sum: Float = 0
            for column in 0..<width {
                let difference = frames.values[row * width + column] - mean[column]
                sum += difference * difference / variance[column]
            }
            return 0.5 * sum + constant
        }
    }
}
