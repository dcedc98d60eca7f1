import Foundation

/// What is struck or plucked consists of: four tones that die away, each in its own time.
struct Timbre: Sendable {
    struct Tone: Sendable {
        /// Times the note's frequency.
        let ratio: Double
        let strength: Double
        /// Seconds until it is a thousandth, for the middle C.
        let decay: Double
    }
    let tones: [Tone]

    static let harp = Timbre(tones: [
        Tone(ratio: 1, strength: 1, decay: 2.6), Tone(ratio: 2.001, strength: 0.5, decay: 1.7),
        Tone(ratio: 3.003, strength: 0.28, decay: 1.1), Tone(ratio: 4.007, strength: 0.16, decay: 0.7),
    ])
    static let kalimba = Timbre(tones: [
        Tone(ratio: 1, strength: 1, decay: 1.8), Tone(ratio: 2, strength: 0.16, decay: 1.2),
        Tone(ratio: 5.43, strength: 0.16, decay: 0.35), Tone(ratio: 9.2, strength: 0.05, decay: 0.16),
    ])
    static let electricPiano = Timbre(tones: [
        Tone(ratio: 1, strength: 1, decay: 3.2), Tone(ratio: 2, strength: 0.34, decay: 2),
        Tone(ratio: 3, strength: 0.1, decay: 1.2), Tone(ratio: 7.02, strength: 0.07, decay: 0.4),
    ])
    static let musicBox = Timbre(tones: [
        Tone(ratio: 1, strength: 1, decay: 3), Tone(ratio: 2.003, strength: 0.3, decay: 2.2),
        Tone(ratio: 3.01, strength: 0.2, decay: 1.3), Tone(ratio: 4.17, strength: 0.1, decay: 0.8),
    ])
    static let bell = Timbre(tones: [
        Tone(ratio: 1, strength: 1, decay: 4), Tone(ratio: 2, strength: 0.4, decay: 3),
        Tone(ratio: 2.99, strength: 0.16, decay: 1.6), Tone(ratio: 5.04, strength: 0.09, decay: 0.8),
    ])
}

/// A note that is struck and then left alone: four resonators.
final class StruckVoice {
    private struct Resonator {
        var (last, before) = (0.0, 0.0)
        var (near, far) = (0.0, 0.0)
    }
    private var (a, b, c, d) = (Resonator(), Resonator(), Resonator(), Resonator())
    private let (left, right): (Float, Float)
    private var wait: Int
    private var remaining: Int

    init(_ timbre: Timbre, _ note: Note, delay: Int, gain: Double, brightness: Double) {
        let rate = Double(StereoBlock.rate)
        let frequency = 440 * pow(2, (Double(note.pitch) - 69) / 12)
        // High strings and bars are silent sooner.
        let shortening = pow(2, -(Double(note.pitch) - 60) / 24)
        var longest = 0.0
        func resonator(_ index: Int) -> Resonator {
            guard index < timbre.tones.count else { return Resonator() }
            let tone = timbre.tones[index]
            // What can't be heard, and what would fold back, is left out.
            guard tone.ratio * frequency < 16_000 else { return Resonator() }
            let decay = tone.decay * shortening
            longest = max(longest, decay)
            let (radius, angle) = (pow(0.001, 1 / (decay * rate)), 2 * .pi * tone.ratio * frequency / rate)
            // Struck harder, overtones are stronger.
            let strength = index == 0 ? 1 : tone.strength * (0.45 + 0.55 * note.strength) * (0.6 + 0.8 * brightness)
            // It begins at zero, so that the beginning isn't a click.
            return Resonator(
                last: 0, before: -strength * sin(angle) / radius, near: 2 * radius * cos(angle),
                far: -radius * radius)
        }
        (a, b, c, d) = (resonator(0), resonator(1), resonator(2), resonator(3))
        let angle = (note.place + 1) * Double.pi / 4
        (left, right) = (
            Float(gain * note.strength * cos(angle)), Float(gain * note.strength * sin(angle))
        )
        (wait, remaining) = (delay, Int(longest * rate))
    }

    var isOver: Bool { remaining <= 0 }

    /// Adds itself to what is in the block.
    func play(into block: StereoBlock) {
        let first = min(wait, StereoBlock.length)
        wait -= first
        guard first < StereoBlock.length else { return }
        var (a, b, c, d) = (a, b, c, d)
        for sample in first..<StereoBlock.length {
            let (e, f) = (a.near * a.last + a.far * a.before, b.near * b.last + b.far * b.before)
            let (g, h) = (c.near * c.last + c.far * c.before, d.near * d.last + d.far * d.before)
            (a.before, a.last, b.before, b.last) = (a.last, e, b.last, f)
            (c.before, c.last, d.before, d.last) = (c.last, g, d.last, h)
            let value = Float(e + f + g + h)
            block.left[sample] += value * left
            block.right[sample] += value * right
        }
        (self.a, self.b, self.c, self.d) = (a, b, c, d)
        remaining -= StereoBlock.length - first
    }
}
