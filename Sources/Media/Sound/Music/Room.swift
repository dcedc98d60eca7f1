import Foundation

/// A room: eight echoes that feed each other (Jot and Chaigne, 1991), high tones fading first.
final class Room {
    /// Samples, without common factors.
    private static let lengths = [1487, 1693, 1933, 2143, 2399, 2677, 2971, 3251]
    private static let capacity = 4096

    private let lines: UnsafeMutablePointer<Float>
    private let gains: UnsafeMutablePointer<Float>
    private let dull: UnsafeMutablePointer<Float>
    private var cursor = 0
    private let damping: Float

    /// - Parameter seconds: until what was heard is a thousandth.
    init(seconds: Double, brightness: Double) {
        lines = .allocate(capacity: 8 * Self.capacity)
        lines.update(repeating: 0, count: 8 * Self.capacity)
        gains = .allocate(capacity: 8)
        dull = .allocate(capacity: 8)
        dull.update(repeating: 0, count: 8)
        for (index, length) in Self.lengths.enumerated() {
            // The mixing matrix below has to be divided by the root of eight.
            gains[index] = Float(pow(0.001, Double(length) / (seconds * Double(StereoBlock.rate))) / 8.0.squareRoot())
        }
        damping = Float(0.5 - 0.25 * brightness)
    }

    deinit {
        lines.deallocate()
        gains.deallocate()
        dull.deallocate()
    }

    /// Adds to `output` what the room makes of `input`.
    func answer(_ input: StereoBlock, into output: StereoBlock, gain: Float) {
        let mask = Self.capacity - 1
        for sample in 0..<StereoBlock.length {
            for index in 0..<8 {
                let heard = lines[index * Self.capacity + ((cursor - Self.lengths[index]) & mask)]
                dull[index] = heard + (dull[index] - heard) * damping
            }
            // Hadamard's matrix, by three rounds of sums and differences.
            let (a, b, c, d) = (dull[0] + dull[1], dull[0] - dull[1], dull[2] + dull[3], dull[2] - dull[3])
            let (e, f, g, h) = (dull[4] + dull[5], dull[4] - dull[5], dull[6] + dull[7], dull[6] - dull[7])
            let (i, j, k, l) = (a + c, b + d, a - c, b - d)
            let (m, n, o, p) = (e + g, f + h, e - g, f - h)
            let (left, right) = (input.left[sample] * 0.5, input.right[sample] * 0.5)
            lines[cursor] = (i + m) * gains[0] + left
            lines[Self.capacity + cursor] = (j + n) * gains[1] + right
            lines[2 * Self.capacity + cursor] = (k + o) * gains[2] + left
            lines[3 * Self.capacity + cursor] = (l + p) * gains[3] - right
            lines[4 * Self.capacity + cursor] = (i - m) * gains[4] - left
            lines[5 * Self.capacity + cursor] = (j - n) * gains[5] + right
            lines[6 * Self.capacity + cursor] = (k - o) * gains[6] + left
            lines[7 * Self.capacity + cursor] = (l - p) * gains[7] - right
            cursor = (cursor + 1) & mask
            output.left[sample] += (dull[0] + dull[2] - dull[4] + dull[6]) * gain
            output.right[sample] += (dull[1] - dull[3] + dull[5] + dull[7]) * gain
        }
    }
}

/// What is heard again, from the other side.
final class Echo {
    private let (left, right): (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>)
    private let length: Int
    private var cursor = 0
    private var (dullLeft, dullRight): (Float, Float) = (0, 0)
    /// Of what is heard, so much comes again.
    private static let again: Float = 0.36

    /// - Parameter seconds: from one to the next; at most two.
    init(seconds: Double) {
        length = max(1, Int(min(seconds, 2) * Double(StereoBlock.rate)))
        left = .allocate(capacity: length)
        right = .allocate(capacity: length)
        left.update(repeating: 0, count: length)
        right.update(repeating: 0, count: length)
    }

    deinit {
        left.deallocate()
        right.deallocate()
    }

    /// Adds to `output` what is heard again of `input`, which may be the same.
    func answer(_ input: StereoBlock, into output: StereoBlock, gain: Float) {
        for sample in 0..<StereoBlock.length {
            dullLeft += (left[cursor] - dullLeft) * 0.4
            dullRight += (right[cursor] - dullRight) * 0.4
            let (inLeft, inRight) = (input.left[sample], input.right[sample])
            left[cursor] = inRight + dullRight * Self.again
            right[cursor] = inLeft + dullLeft * Self.again
            output.left[sample] = output.left[sample] + dullLeft * gain
            output.right[sample] = output.right[sample] + dullRight * gain
            cursor += 1
            if cursor == length { cursor = 0 }
        }
    }
}
