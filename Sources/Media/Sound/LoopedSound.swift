import Foundation

/// A file that is heard again and again. Where it ends, its end and its beginning are heard together for a while, each as
/// strong as the other lets it: the seam is neither a click nor a hole.
final class LoopedSound: StereoSource {
    private let path: String
    private let part: Range<Double>
    private let limits: MediaLimits
    private let flag: CancellationFlag
    /// Samples: of the file's part, and of them those that are heard together with the next turn's first.
    private let (length, overlap): (Int, Int)
    private var current: DecodedSound
    private var position = 0
    private var next: DecodedSound?
    private let scratch = StereoBlock()

    /// Seconds that the seam takes, at most: a beat or two.
    private static let seam = 2.0

    /// - Parameters:
    ///   - heard: what there is to hear in it: what is silent at its ends is left out.
    init(_ path: String, heard: Heard, limits: MediaLimits, flag: CancellationFlag) throws(MediaError) {
        let rate = Double(StereoBlock.rate)
        guard heard.sounding.count >= StereoBlock.rate else {
            throw MediaError(.damaged, "play music", file: path, reason: "there is less than a second of sound in it")
        }
        (self.path, self.limits, self.flag) = (path, limits, flag)
        part = Double(heard.sounding.lowerBound) / rate..<Double(heard.sounding.upperBound) / rate
        length = heard.sounding.count
        overlap = min(Int(Self.seam * rate), length / 4)
        current = try DecodedSound(path, part: part, limits: limits, flag: flag)
    }

    func read(into block: StereoBlock) throws(MediaError) {
        var done = 0
        while done < StereoBlock.length {
            let seam = length - overlap
            let room = StereoBlock.length - done
            if position < seam {
                let count = min(room, seam - position)
                try fill(block, at: done, count: count, from: current)
                done += count
                position += count
            } else {
                let fresh: DecodedSound
                if let next {
                    fresh = next
                } else {
                    fresh = try DecodedSound(path, part: part, limits: limits, flag: flag)
                }
                next = fresh
                let count = min(room, length - position)
                try fill(block, at: done, count: count, from: current)
                try fill(scratch, at: done, count: count, from: fresh)
                mix(block, at: done, count: count)
                done += count
                position += count
                if position == length { (current, next, position) = (fresh, nil, overlap) }
            }
        }
    }

    private func fill(_ block: StereoBlock, at offset: Int, count: Int, from sound: DecodedSound) throws(MediaError) {
        let found = try sound.read(into: block, at: offset, count: count)
        (block.left + offset + found).update(repeating: 0, count: count - found)
        (block.right + offset + found).update(repeating: 0, count: count - found)
    }

    /// Of equal power: what is before and what comes after are two different sounds.
    private func mix(_ block: StereoBlock, at offset: Int, count: Int) {
        for index in offset..<offset + count {
            let share = (Float(position - (length - overlap) + index - offset) + 0.5) / Float(overlap)
            let (old, new) = (cos(share * .pi / 2), sin(share * .pi / 2))
            block.left[index] = block.left[index] * old + scratch.left[index] * new
            block.right[index] = block.right[index] * old + scratch.right[index] * new
        }
    }
}
