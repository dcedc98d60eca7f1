import Foundation

/// A piece of sound on its way through the mix: 48 kHz, two channels, 32-bit floats where 1 is full scale.
final class StereoBlock {
    /// Samples a second, everywhere in the mix.
    static let rate = 48_000
    /// Samples for each ear. As many as a frame of AAC-LC has, and as its encoder puts before the first.
    static let length = 1024

    let left: UnsafeMutablePointer<Float>
    let right: UnsafeMutablePointer<Float>

    /// Silence.
    init() {
        left = .allocate(capacity: Self.length)
        right = .allocate(capacity: Self.length)
        clear()
    }

    deinit {
        left.deallocate()
        right.deallocate()
    }

    func clear() {
        left.update(repeating: 0, count: Self.length)
        right.update(repeating: 0, count: Self.length)
    }

    /// Adds `other`, multiplied.
    func add(_ other: StereoBlock, gain: Float = 1) {
        for index in 0..<Self.length {
            left[index] += other.left[index] * gain
            right[index] += other.right[index] * gain
        }
    }

    /// The greatest distance from zero.
    var peak: Float {
        var peak: Float = 0
        for index in 0..<Self.length { peak = max(peak, max(abs(left[index]), abs(right[index]))) }
        return peak
    }

    /// A factor for so many decibels.
    static func factor(decibels: Double) -> Float { Float(pow(10, decibels / 20)) }
}

/// Sound for a whole video, block after block, silence after its own end.
protocol StereoSource: AnyObject {
    /// Fills the block with what comes next.
    func read(into block: StereoBlock) throws(MediaError)
}
