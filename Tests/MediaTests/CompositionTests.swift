import Foundation
import Testing

@testable import Media

@Suite struct `A composed piece` {
    private typealias Mood = SoundTrack.Music.Mood

    private func notes(_ piece: Composition) -> [Note] { (0...piece.bars).flatMap { piece.notes($0) } }

    private func blocks(_ piece: Composition, _ count: Int) -> [StereoBlock] {
        let player = Performance(of: piece)
        return (0..<count).map { _ in
            let block = StereoBlock()
            player.read(into: block)
            return block
        }
    }

    @Test(arguments: SoundTrack.Music.Mood.allCases)
    func `stays in its key, within its length, and ends at home`(mood: SoundTrack.Music.Mood) {
        for seed in 1...6 as ClosedRange<UInt64> {
            for seconds in [0.5, 3, 20, 150] {
                let piece = Composition(seed: seed, mood: mood, duration: seconds)
                let notes = notes(piece)
                #expect(!notes.isEmpty)
                #expect(notes.allSatisfy { piece.key.contains($0.pitch) && (24...108).contains($0.pitch) })
                #expect(notes.allSatisfy { $0.start >= 0 && $0.start < seconds })
                #expect(notes.allSatisfy { (0...1).contains($0.strength) && (-1...1).contains($0.place) })
                #expect(piece.chord(piece.bars).degree == 0)
                let last = notes.filter { $0.instrument == .bass }.max { $0.start < $1.start }
                #expect(last.map { ($0.pitch - piece.key.root) % 12 == 0 } == true)
            }
        }
    }

    @Test func `goes from chord to chord by steps, and rubs no two notes against each other`() {
        for mood in Mood.allCases {
            for seed in 1...8 as ClosedRange<UInt64> {
                let piece = Composition(seed: seed, mood: mood, duration: 120)
                for bar in 0..<piece.bars {
                    let pitches = piece.chord(bar).voiced(in: piece.key, from: 52)
                    #expect(pitches.count >= 3)
                    #expect(zip(pitches, pitches.dropFirst()).allSatisfy { $1 - $0 >= 2 })
                    #expect((pitches.last ?? 0) - (pitches.first ?? 0) < 12)
                }
            }
        }
    }

    @Test func `has parts that come and go, so that minutes of it differ`() {
        let piece = Composition(seed: 3, mood: .calm, duration: 240)
        let sections = stride(from: 0, to: piece.bars - 8, by: 8).map { first in
            (first..<first + 8).flatMap { piece.notes($0) }.map { note in
                "\(note.instrument) \(note.pitch) \(((note.start - piece.start(first)) * 20).rounded())"
            }
        }
        #expect(sections.count > 4)
        #expect(Set(sections).count == sections.count)
        let parts = sections.map { section in
            Note.Instrument.allCases.filter { part in section.contains { $0.hasPrefix("\(part)") } }
        }
        #expect(Set(parts).count > 2)
    }

    @Test func `is the same for the same seed, and another for another`() {
        let one = blocks(Composition(seed: 11, mood: .bright, duration: 4), 60)
        let same = blocks(Composition(seed: 11, mood: .bright, duration: 4), 60)
        let other = blocks(Composition(seed: 12, mood: .bright, duration: 4), 60)
        func samples(_ blocks: [StereoBlock]) -> [Float] {
            blocks.flatMap { Array(UnsafeBufferPointer(start: $0.left, count: StereoBlock.length)) }
        }
        #expect(samples(one) == samples(same))
        #expect(samples(one) != samples(other))
    }

    @Test(arguments: SoundTrack.Music.Mood.allCases)
    func `neither clips nor clicks, and has no offset`(mood: SoundTrack.Music.Mood) {
        let blocks = blocks(Composition(seed: 21, mood: mood, duration: 5), 230)
        var (sum, peak, step, last): (Double, Float, Float, Float) = (0, 0, 0, 0)
        for block in blocks {
            for index in 0..<StereoBlock.length {
                let value = block.left[index]
                sum += Double(value)
                peak = max(peak, abs(value))
                step = max(step, abs(value - last))
                last = value
            }
        }
        #expect(peak > 0.05)
        #expect(peak < 1)
        #expect(abs(sum / Double(blocks.count * StereoBlock.length)) < 0.002)
        // A click is a step as large as the wave itself.
        #expect(step < peak * 0.35)
    }
}
