import CSampling
import Foundation

/// How far a wave goes between its samples: four times as many points are enough (ITU-R BS.1770-4, annex 2).
struct TruePeak {
    /// Points between two samples, and the one they begin with.
    private static let phases = 4
    /// Samples on both sides that a point is made of.
    static let reach = 8

    /// For each phase but the first, which is the sample itself: the weights of 2 × `reach` samples.
    private let weights: [Float]
    /// No point is further from zero than this many times the furthest sample around it.
    let bound: Float

    init() {
        var weights: [Float] = []
        var bound: Float = 1
        for phase in 1..<Self.phases {
            var row: [Double] = []
            for tap in 0..<2 * Self.reach {
                let x = Double(tap - Self.reach + 1) - Double(phase) / Double(Self.phases)
                let window = 0.5 + 0.5 * cos(.pi * x / Double(Self.reach))
                row.append(sin(.pi * x) / (.pi * x) * window)
            }
            // A constant stays what it is.
            let sum = row.reduce(0, +)
            let scaled = row.map { Float($0 / sum) }
            bound = max(bound, scaled.reduce(0) { $0 + abs($1) })
            weights += scaled
        }
        (self.weights, self.bound) = (weights, bound)
    }

    /// The furthest of the points from sample `index` to the next. Samples are read from `reach - 1` before it to `reach` after.
    func peak(_ samples: UnsafePointer<Float>, at index: Int) -> Float {
        furthest(samples + index, count: 1)
    }

    /// The furthest of the points from the first sample to the one after the `count`-th.
    func furthest(_ samples: UnsafePointer<Float>, count: Int) -> Float {
        var peak = yt_furthest(samples, Int32(count))
        weights.withUnsafeBufferPointer { weights in
            guard let weights = weights.baseAddress else { return }
            for phase in 0..<Self.phases - 1 {
                let between = yt_between(
                    samples - (Self.reach - 1), Int32(count), weights + phase * 2 * Self.reach, Int32(2 * Self.reach))
                peak = max(peak, between)
            }
        }
        return peak
    }
}

/// Finds the true peak of all the blocks it is shown.
final class TruePeakGauge {
    private let interpolation = TruePeak()
    private let line: UnsafeMutablePointer<Float>
    private var history: [UnsafeMutablePointer<Float>] = []
    private(set) var amplitude: Float = 0
    private static let kept = 2 * TruePeak.reach

    init() {
        line = .allocate(capacity: Self.kept + StereoBlock.length)
        for _ in 0..<2 {
            let memory = UnsafeMutablePointer<Float>.allocate(capacity: Self.kept)
            memory.update(repeating: 0, count: Self.kept)
            history.append(memory)
        }
    }

    deinit {
        line.deallocate()
        for memory in history { memory.deallocate() }
    }

    /// The block's last eight samples count when the next one is heard.
    func hear(_ block: StereoBlock) {
        for (memory, samples) in zip(history, [block.left, block.right]) {
            let furthest = max(
                yt_furthest(samples, Int32(StereoBlock.length)), yt_furthest(memory, Int32(Self.kept)))
            // Most blocks can't go further than the furthest so far, and are done.
            if furthest * interpolation.bound > amplitude {
                line.update(from: memory, count: Self.kept)
                (line + Self.kept).update(from: samples, count: StereoBlock.length)
                amplitude = max(amplitude, interpolation.furthest(line + TruePeak.reach, count: StereoBlock.length))
            }
            memory.update(from: samples + StereoBlock.length - Self.kept, count: Self.kept)
        }
    }

    /// dBTP; nil for silence.
    var decibels: Double? { amplitude > 0 ? 20 * log10(Double(amplitude)) : nil }
}
