import CSampling
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
        yt_add(left, other.left, gain, Int32(Self.length))
        yt_add(right, other.right, gain, Int32(Self.length))
    }

    /// Multiplies `count` samples from `offset` on.
    func scale(_ factor: Float, at offset: Int = 0, count: Int = StereoBlock.length) {
        yt_scale(left + offset, factor, Int32(count))
        yt_scale(right + offset, factor, Int32(count))
    }

    /// The greatest distance from zero.
    var peak: Float {
        max(yt_furthest(left, Int32(Self.length)), yt_furthest(right, Int32(Self.length)))
    }

    /// A factor for so many decibels.
    static func factor(decibels: Double) -> Float { Float(pow(10, decibels / 20)) }
}

/// Sound for a whole video, block after block, silence after its own end.
protocol StereoSource: AnyObject {
    /// Fills the block with what comes next.
    func read(into block: StereoBlock) throws(MediaError)
}
