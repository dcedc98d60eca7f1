import Glibc

/// Mel-frequency cepstral coefficients: the shape of each frame's spectrum, and how it changes.
enum Cepstra {
    /// The first stands for the loudness; beyond the last, the pitch would be heard more than the sound.
    static let coefficients = FeatureMatrix.width / 2
    /// Frames on each side that a change is measured over.
    private static let reach = 3

    /// - Parameters:
    ///   - noise: power to be added to each band, so that both recordings drown in the same noise.
    ///   - normal: frames whose mean becomes zero and whose variance becomes one in each column.
    static func features(of spectrum: MelSpectrum, noise: [Float], normal: [Bool]) -> FeatureMatrix {
        let bands = MelSpectrum.bands
        let count = spectrum.count
        var features = FeatureMatrix(count: count)
        let width = FeatureMatrix.width
        var cosines: [Float] = []
        for coefficient in 0..<coefficients {
            for band in 0..<bands {
                let angle = Double.pi * Double(coefficient) * (Double(band) + 0.5) / Double(bands)
                cosines.append(Float(cos(angle)))
            }
        }
        var logarithms = [Float](repeating: 0, count: bands)
        for frame in 0..<count {
            for band in 0..<bands {
                logarithms[band] = log(spectrum.power[frame * bands + band] + noise[band])
            }
            for coefficient in 0..<coefficients {
                var sum: Float = 0
                for band in 0..<bands { sum += logarithms[band] * cosines[coefficient * bands + band] }
                features.values[frame * width + coefficient] = sum
            }
        }
        let weight = Float(2 * (1...reach).reduce(0) { $0 + $1 * $1 })
        for frame in 0..<count {
            for coefficient in 0..<coefficients {
                var slope: Float = 0
                for step in 1...reach {
                    let after = features.values[min(count - 1, frame + step) * width + coefficient]
                    let before = features.values[max(0, frame - step) * width + coefficient]
                    slope += Float(step) * (after - before)
                }
                features.values[frame * width + coefficients + coefficient] = slope / weight
            }
        }
        normalise(&features, by: normal)
        return features
    }

    private static func normalise(_ features: inout FeatureMatrix, by normal: [Bool]) {
        let width = FeatureMatrix.width
        for column in 0..<width {
            var (count, sum, squares) = (0.0, 0.0, 0.0)
            for frame in 0..<features.count where normal[frame] {
                let value = Double(features.values[frame * width + column])
                count += 1
                sum += value
                squares += value * value
            }
            guard count > 0 else { continue }
            let mean = sum / count
            let deviation = max(1e-6, squares / count - mean * mean).squareRoot()
            for frame in 0..<features.count {
                let value = Double(features.values[frame * width + column])
                features.values[frame * width + column] = Float((value - mean) / deviation)
            }
        }
    }
}
