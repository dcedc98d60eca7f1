import Foundation
import Media
import Testing

@Suite struct `A cut` {
    private let still = Shot.Source.still(file: "p.png", motion: Motion(from: .whole, to: .whole))

    private func cut(
        shots: [Range<Int>] = [0..<30, 30..<60], transition: Transition = .cut, words: [TimedWord] = [],
        frameRate: Int = 30, source: Shot.Source? = nil, titles: [Title] = [], start: Double = 0.5
    ) throws -> Cut {
        try Cut(
            frameRate: frameRate,
            shots: shots.map { Shot(source ?? still, frames: $0, transition: transition) }, titles: titles,
            captions: Captions(words), sound: SoundTrack(narration: SoundTrack.Part(file: "n.wav", start: start)))
    }

    @Test func `is refused where it can't be drawn`() throws {
        #expect(throws: MediaError.self) { try cut(shots: []) }
        #expect(throws: MediaError.self) { try cut(shots: [1..<30]) }
        #expect(throws: MediaError.self) { try cut(shots: [0..<30, 31..<60]) }
        #expect(throws: MediaError.self) { try cut(shots: [0..<30, 30..<30]) }
        #expect(throws: MediaError.self) { try cut(frameRate: 0) }
        #expect(throws: MediaError.self) { try cut(start: 2) }
        #expect(throws: MediaError.self) { try cut(start: .nan) }
        #expect(throws: MediaError.self) { try cut(titles: [Title(.card, "x", frames: 50..<61)]) }
        #expect(throws: MediaError.self) { try cut(words: [TimedWord("x", start: 1, end: 0.5)]) }
        #expect(throws: MediaError.self) { try cut(words: [TimedWord("x", start: .nan, end: 1)]) }
        #expect(throws: MediaError.self) {
            try cut(words: [TimedWord("x", start: 1, end: 2), TimedWord("y", start: 0.5, end: 2)])
        }
        let outside = Motion(from: .whole, to: Box(left: 0.1, top: 0, width: 1, height: 1))
        #expect(throws: MediaError.self) { try cut(source: .still(file: "p.png", motion: outside)) }
        func window(_ size: Double) -> Box { Box(left: 0, top: 0, width: size, height: size) }
        for (start, end) in [(1.0, 0.5), (0.5, 1.0), (1e-300, 1e-300)] {
            let motion = Motion(from: window(start), to: window(end))
            #expect(throws: MediaError.self, "\(start)") { try cut(source: .still(file: "p.png", motion: motion)) }
        }
        _ = try cut(source: .still(file: "p.png", motion: Motion(from: window(0.8), to: window(1))))
        #expect(throws: MediaError.self) { try cut(shots: [0..<Int.max]) }
        #expect(throws: MediaError.self) { try cut(shots: [0..<13 * 3600 * 30]) }
        #expect(throws: MediaError.self) { try cut(source: .clip(Clip(file: "c.mp4", part: 1..<1e300))) }
        #expect(throws: MediaError.self) { try cut(source: .clip(Clip(file: "c.mp4", part: 1..<1))) }
        #expect(throws: MediaError.self) { try cut(source: .clip(Clip(file: "c.mp4", part: 0..<1, speed: 9))) }
    }

    @Test func `never shows three shots in one frame`() throws {
        let dissolve = Transition(.dissolve, frames: 16)
        _ = try cut(shots: [0..<8, 8..<24, 24..<60], transition: dissolve)
        #expect(throws: MediaError.self) { try cut(shots: [0..<7, 7..<60], transition: dissolve) }
        #expect(throws: MediaError.self) { try cut(shots: [0..<30, 30..<45, 45..<60], transition: dissolve) }
    }

    @Test func `survives being written down, and is checked again when read`() throws {
        let cut = try cut(words: [TimedWord("x", start: 1, end: 2)], source: .clip(Clip(file: "c.mp4", part: 0..<1)))
        let text = String(decoding: try JSONEncoder().encode(cut), as: UTF8.self)
        #expect(try JSONDecoder().decode(Cut.self, from: Data(text.utf8)) == cut)
        let slower = text.replacing("\"frameRate\":30", with: "\"frameRate\":0")
        #expect(throws: MediaError.self) { try JSONDecoder().decode(Cut.self, from: Data(slower.utf8)) }
        let newer = text.replacing("\"version\":1", with: "\"version\":2")
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Cut.self, from: Data(newer.utf8)) }
    }

    @Test func `is as long as its seconds, rounded up to a frame`() {
        #expect(Cut.frameCount(seconds: 3) == 90)
        #expect(Cut.frameCount(seconds: 3.001) == 91)
        #expect(Cut.frameCount(seconds: 0.5, frameRate: 24) == 12)
    }

    @Test func `knows which second of a clip is seen`() {
        let clip = Clip(file: "c.mp4", part: 2..<4, speed: 0.5)
        #expect([0, 1, 4, 9].map { clip.time(at: $0) } == [2, 2.5, 4, 4])
        let loop = Clip(file: "c.mp4", part: 2..<4, loops: true)
        #expect([0, 1.5, 2, 5].map { loop.time(at: $0) } == [2, 3.5, 2, 3])
    }
}
