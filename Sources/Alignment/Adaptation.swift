import Glibc

/// How one voice's sounds become the other's, learned from what was found to belong together; and how far apart two
/// sounds are, by how far apart those lay.
///
/// A linear map of cepstra does for most of what makes two voices differ: the length of the throat bends the frequencies,
/// microphone and room add to the cepstra. Distances in units of what the map leaves are those of the likeliest way.
struct Adaptation {
    private static let width = FeatureMatrix.width
    /// Rows of `width` + 1: the map and what is added.
    private let map: [Double]
    /// Lower triangle that makes what is left white.
    private let whitening: [Double]
    /// How much the reference's sounds tell of the recording's, in nats a frame: what two independent voices have in
    /// common is zero.
    let information: Double
    /// How many frames it was learned from.
    let frames: Int

    /// Frames whose weight is put on the map that changes nothing, so that a few words don't teach nonsense.
    private static let caution = 60.0

    /// - Parameter pairs: rows of the sounds and of the recording that belong together.
    init?(from sounds: FeatureMatrix, to frames: FeatureMatrix, pairs: [(sound: Int, frame: Int)]) {
        let width = Self.width
        let side = width + 1
        guard pairs.count >= 30 else { return nil }
        var gram = [Double](repeating: 0, count: side * side)
        var cross = [Double](repeating: 0, count: side * width)
        var x = [Double](repeating: 1, count: side)
        var y = [Double](repeating: 0, count: width)
        func load(_ pair: (sound: Int, frame: Int)) {
            for column in 0..<width {
                x[column] = Double(sounds.values[pair.sound * width + column])
                y[column] = Double(frames.values[pair.frame * width + column])
            }
        }
        for pair in pairs {
            load(pair)
            for row in 0..<side {
                for column in 0..<side { gram[row * side + column] += x[row] * x[column] }
                for column in 0..<width { cross[row * width + column] += x[row] * y[column] }
            }
        }
        for column in 0..<width {
            gram[column * side + column] += Self.caution
            cross[column * width + column] += Self.caution
        }
        guard let factor = Cholesky(gram, side: side) else { return nil }
        var map = [Double](repeating: 0, count: width * side)
        for output in 0..<width {
            let solution = factor.solve((0..<side).map { cross[$0 * width + output] })
            for input in 0..<side { map[output * side + input] = solution[input] }
        }
        var scatter = [Double](repeating: 0, count: width * width)
        var rest = [Double](repeating: 0, count: width)
        var (sums, squares) = (rest, scatter)
        for pair in pairs {
            load(pair)
            for row in 0..<width {
                sums[row] += y[row]
                for column in 0...row { squares[row * width + column] += y[row] * y[column] }
            }
            for output in 0..<width {
                var sum = 0.0
                for input in 0..<side { sum += map[output * side + input] * x[input] }
                rest[output] = y[output] - sum
            }
            for row in 0..<width { for column in 0...row { scatter[row * width + column] += rest[row] * rest[column] } }
        }
        let weight = Double(pairs.count)
        for row in 0..<width {
            for column in 0..<row {
                // Few frames tell little about how two columns go together.
                let value = scatter[row * width + column] / (weight + 4 * Self.caution)
                scatter[row * width + column] = value
                scatter[column * width + row] = value
            }
            scatter[row * width + row] = (scatter[row * width + row] + 0.5 * Self.caution) / (weight + Self.caution)
        }
        for row in 0..<width {
            for column in 0...row {
                var value = squares[row * width + column] / weight - sums[row] * sums[column] / weight / weight
                if row == column {
                    value = (value * weight + 0.5 * Self.caution) / (weight + Self.caution)
                } else {
                    value *= weight / (weight + 4 * Self.caution)
                }
                squares[row * width + column] = value
                squares[column * width + row] = value
            }
        }
        guard let whitening = Cholesky(scatter, side: width), let all = Cholesky(squares, side: width) else {
            return nil
        }
        (self.map, self.whitening, self.frames) = (map, whitening.lower, pairs.count)
        information = (0..<width).reduce(0) { $0 + log(all.lower[$1 * width + $1] / whitening.lower[$1 * width + $1]) }
    }

    /// The recording's rows in units of what is left.
    func whitened(_ frames: FeatureMatrix) -> FeatureMatrix {
        transformed(frames) { row, _ in row }
    }

    /// The reference's rows as the recording's voice would sound, in the same units.
    func mapped(_ sounds: FeatureMatrix) -> FeatureMatrix {
        let side = Self.width + 1
        return transformed(sounds) { row, mapped in
            for output in 0..<Self.width {
                var sum = map[output * side + Self.width]
                for input in 0..<Self.width { sum += map[output * side + input] * row[input] }
                mapped[output] = sum
            }
            return mapped
        }
    }

    private func transformed(
        _ matrix: FeatureMatrix, _ change: (_ row: [Double], _ scratch: inout [Double]) -> [Double]
    ) -> FeatureMatrix {
        let width = Self.width
        var result = matrix
        var scratch = [Double](repeating: 0, count: width)
        var row = scratch
        for index in 0..<matrix.count {
            for column in 0..<width { row[column] = Double(matrix.values[index * width + column]) }
            var changed = change(row, &scratch)
            // Forward substitution: what the triangle makes of a white row is this row.
            for output in 0..<width {
                var sum = changed[output]
                for input in 0..<output { sum -= whitening[output * width + input] * changed[input] }
                changed[output] = sum / whitening[output * width + output]
                result.values[index * width + output] = Float(changed[output])
            }
        }
        return result
    }
}
