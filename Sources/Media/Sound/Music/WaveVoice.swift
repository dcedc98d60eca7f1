import Foundation

/// One cycle of a wave, read at any speed.
final class WaveTable {
    static let bits: UInt32 = 11
    static let count = 1 << Int(bits)
    let samples: UnsafeMutablePointer<Float>

    /// - Parameter overtones: how strong each one is; the first is the tone itself.
    init(_ overtones: [Double]) {
        samples = .allocate(capacity: Self.count + 1)
        let scale = 1 / overtones.reduce(0) { $0 + $1 * $1 }.squareRoot()
        for index in 0...Self.count {
            let phase = 2 * Double.pi * Double(index % Self.count) / Double(Self.count)
            var sum = 0.0
            for (number, strength) in overtones.enumerated() {
                // Alternating signs keep the wave low.
                sum += strength * sin(phase * Double(number + 1) + (number % 4 < 2 ? 0 : .pi))
            }
            samples[index] = Float(sum * scale)
        }
    }

    deinit { samples.deallocate() }
}

/// A held tone: some copies of a wave, a little out of tune with each other, from left to right; it comes and goes softly.
final class WaveVoice {
    private let table: WaveTable
    private var strands: [(phase: UInt32, step: UInt32, left: Float, right: Float)]
    private let attack: Int
    private let hold: Int
    private let release: Int
    private var position: Int

    /// - Parameters:
    ///   - delay: samples until it begins.
    ///   - detuning: cents, one for each copy.
    ///   - attack: seconds, as is `release`.
    init(
        _ table: WaveTable, _ note: Note, delay: Int, detuning: [Double], spread: Double, attack: Double,
        release: Double, gain: Double, phases: inout SeededChoices
    ) {
        self.table = table
        position = -delay
        let rate = Double(StereoBlock.rate)
        let length = Int(note.length * rate)
        self.attack = max(1, min(Int(attack * rate), length))
        hold = length
        self.release = max(1, Int(release * rate))
        let each = gain * note.strength / Double(detuning.count).squareRoot()
        strands = []
        for (index, cents) in detuning.enumerated() {
            let frequency = 440 * pow(2, (Double(note.pitch) - 69 + cents / 100) / 12)
            let side = detuning.count > 1 ? 2 * Double(index) / Double(detuning.count - 1) - 1 : 0
            let angle = (min(max(note.place * 0.5 + side * spread, -1), 1) + 1) * Double.pi / 4
            strands.append(
                (
                    UInt32(phases.number(0...4_294_967_295)), UInt32(frequency / rate * 4_294_967_296),
                    Float(each * cos(angle)), Float(each * sin(angle))
                ))
        }
    }

    var isOver: Bool { position >= hold + release }

    /// Adds itself to what is in the block. `levels` is scratch memory for as many samples as a block has.
    func play(into block: StereoBlock, levels: UnsafeMutablePointer<Float>) {
        let first = max(0, -position)
        let last = min(StereoBlock.length, hold + release - position)
        defer { position += StereoBlock.length }
        guard first < last else { return }
        shape(levels, first..<last)
        let wave = table.samples
        let shift = 32 - WaveTable.bits
        let (mask, scale) = (UInt32(1) << shift &- 1, 1 / Float(UInt32(1) << shift))
        for index in strands.indices {
            var phase = strands[index].phase
            let (step, left, right) = (strands[index].step, strands[index].left, strands[index].right)
            for sample in first..<last {
                let place = Int(phase &>> shift)
                let value =
                    (wave[place] + (wave[place &+ 1] - wave[place]) * (Float(phase & mask) * scale)) * levels[sample]
                phase = phase &+ step
                block.left[sample] += value * left
                block.right[sample] += value * right
            }
            strands[index].phase = phase
        }
    }

    private func shape(_ levels: UnsafeMutablePointer<Float>, _ samples: Range<Int>) {
        if position + samples.lowerBound >= attack, position + samples.upperBound <= hold {
            levels.update(repeating: 1, count: StereoBlock.length)
            return
        }
        let (rise, fall) = (1 / Float(attack), 1 / Float(release))
        for sample in samples {
            let time = position + sample
            var level: Float = 1
            if time < attack { level = Float(time) * rise }
            if time > hold { level *= 1 - Float(time - hold) * fall }
            levels[sample] = level * level * (3 - 2 * level)
        }
    }
}
