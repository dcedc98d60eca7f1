import CSampling
import Foundation

/// Turns the sound down around peaks, also those between samples, so that none goes above a ceiling: it sees them coming, goes
/// down before them along a ramp and comes up again slowly. What stays below is not touched.
final class PeakLimiter {
    /// Samples that it looks ahead: five milliseconds.
    private static let ahead = StereoBlock.rate / 200
    /// It comes back to three quarters of the way within this time: longer would pump, shorter would distort a low voice.
    private static let release = 0.08
    private static let kept = ahead + 2 * TruePeak.reach

    private let ceiling: Float
    private let interpolation = TruePeak()
    private let recovery: Float
    /// The last `kept` samples, and the block after them; for each ear.
    private let (left, right): (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>)
    /// What each of the last samples may be multiplied with, in a ring.
    private var needs = [Float](repeating: 1, count: ahead)
    private var least: (value: Float, age: Int) = (1, 0)
    private var level: Float = 1
    /// The last levels, in a ring, and their sum: their mean is what counts.
    private var levels = [Float](repeating: 1, count: ahead)
    private var sum = Double(ahead)
    private var cursor = 0

    /// How much later the sound comes out than it goes in, in samples.
    static let delay = ahead - 1 + TruePeak.reach

    /// - Parameter ceiling: dBTP.
    init(ceiling: Double) {
        self.ceiling = StereoBlock.factor(decibels: ceiling)
        recovery = 1 - Float(exp(-log(4) / Self.release / Double(StereoBlock.rate)))
        left = .allocate(capacity: Self.kept + StereoBlock.length)
        right = .allocate(capacity: Self.kept + StereoBlock.length)
        left.update(repeating: 0, count: Self.kept + StereoBlock.length)
        right.update(repeating: 0, count: Self.kept + StereoBlock.length)
    }

    deinit {
        left.deallocate()
        right.deallocate()
    }

    /// Replaces the block by what comes out ``delay`` samples later.
    func limit(_ block: StereoBlock) {
        (left + Self.kept).update(from: block.left, count: StereoBlock.length)
        (right + Self.kept).update(from: block.right, count: StereoBlock.length)
        let seen = Int32(Self.kept + StereoBlock.length - Self.ahead)
        let furthest = max(yt_furthest(left + Self.ahead, seen), yt_furthest(right + Self.ahead, seen))
        let isLow = furthest * interpolation.bound <= ceiling
        // The sample looked at is `reach` before the newest; the one that goes out, `ahead - 1` before that.
        let out = Self.kept - Self.delay
        if isLow, least.value == 1, sum == Double(Self.ahead) {
            block.left.update(from: left + out, count: StereoBlock.length)
            block.right.update(from: right + out, count: StereoBlock.length)
        } else {
            for index in 0..<StereoBlock.length {
                let gain = gain(isLow ? 1 : need(Self.kept - TruePeak.reach + index))
                block.left[index] = left[out + index] * gain
                block.right[index] = right[out + index] * gain
            }
        }
        memmove(left, left + StereoBlock.length, Self.kept * MemoryLayout<Float>.size)
        memmove(right, right + StereoBlock.length, Self.kept * MemoryLayout<Float>.size)
    }

    private func need(_ index: Int) -> Float {
        guard
            max(around(left, index), around(right, index)) * interpolation.bound > ceiling
        else { return 1 }
        let peak = max(
            max(interpolation.peak(left, at: index), interpolation.peak(right, at: index)),
            max(interpolation.peak(left, at: index - 1), interpolation.peak(right, at: index - 1)))
        return peak > ceiling ? ceiling / peak : 1
    }

    private func around(_ samples: UnsafePointer<Float>, _ index: Int) -> Float {
        yt_furthest(samples + (index - TruePeak.reach), Int32(2 * TruePeak.reach))
    }

    /// The factor for the sample that goes out now, when the newest one looked at needs `need`: the mean of as many levels as it
    /// looks ahead, none of which is above what that sample needs.
    private func gain(_ need: Float) -> Float {
        needs[cursor] = need
        if need <= least.value {
            least = (need, 0)
        } else {
            least.age += 1
            if least.age >= Self.ahead {
                // The lowest one has gone out: the next lowest counts.
                least = (1, 0)
                for age in 0..<Self.ahead {
                    let value = needs[(cursor + Self.ahead - age) % Self.ahead]
                    if value < least.value { least = (value, age) }
                }
            }
        }
        level = min(least.value, level + (1 - level) * recovery)
        // Close enough: the sum is then exact again, and what is low passes untouched.
        if level > 0.9999 { level = min(least.value, 1) }
        sum += Double(level) - Double(levels[cursor])
        levels[cursor] = level
        cursor += 1
        if cursor == Self.ahead {
            cursor = 0
            sum = levels.reduce(0) { $0 + Double($1) }
        }
        return Float(sum / Double(Self.ahead))
    }
}
