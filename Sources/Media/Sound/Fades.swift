import Foundation

/// How loud each moment of something is that comes and goes softly.
struct Fades: Sendable {
    /// Samples.
    let length: Int
    let rise: Int
    let fall: Int

    /// Seconds; where both don't fit, each takes its share.
    init(length: Int, rise: Double, fall: Double) {
        self.length = length
        let room = min(1, Double(length) / Double(StereoBlock.rate) / max(rise + fall, 1e-6))
        self.rise = Int(rise * room * Double(StereoBlock.rate))
        self.fall = Int(fall * room * Double(StereoBlock.rate))
    }

    /// Multiplies `count` samples from `offset` on, the first of which is the `position`-th.
    func apply(to block: StereoBlock, at offset: Int, count: Int, position: Int, gain: Float) {
        if position >= rise, position + count <= length - fall {
            if gain != 1 { block.scale(gain, at: offset, count: count) }
            return
        }
        for index in 0..<count {
            let factor = gain * level(at: position + index)
            block.left[offset + index] *= factor
            block.right[offset + index] *= factor
        }
    }

    /// 0 to 1, along a half wave: no corner is heard.
    func level(at position: Int) -> Float {
        var level: Float = 1
        if position < rise { level = Self.curve(Float(max(position, 0)) / Float(rise)) }
        if position >= length { return 0 }
        if position >= length - fall { level *= Self.curve(Float(length - position) / Float(fall)) }
        return level
    }

    private static func curve(_ share: Float) -> Float { 0.5 - 0.5 * cos(.pi * share) }
}
