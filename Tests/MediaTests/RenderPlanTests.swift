import Foundation
import Media
import Testing

@Suite struct `A render plan` {
    private func plan(
        scenes: [Range<Int>] = [0..<30, 30..<60], words: [TimedWord] = [], leadIn: Double = 0.5, frameRate: Int = 30
    ) throws -> RenderPlan {
        try RenderPlan(
            frameRate: frameRate, title: "t",
            scenes: scenes.map { RenderPlan.Scene(picture: "p.png", frames: $0, motionSeed: 1) }, words: words,
            narration: "n.wav", leadIn: leadIn)
    }

    @Test func `is refused where it can't be drawn`() throws {
        #expect(throws: MediaError.self) { try plan(scenes: []) }
        #expect(throws: MediaError.self) { try plan(scenes: [1..<30]) }
        #expect(throws: MediaError.self) { try plan(scenes: [0..<30, 31..<60]) }
        #expect(throws: MediaError.self) { try plan(scenes: [0..<30, 30..<30]) }
        #expect(throws: MediaError.self) { try plan(leadIn: 0) }
        #expect(throws: MediaError.self) { try plan(frameRate: 0) }
        #expect(throws: MediaError.self) { try plan(words: [TimedWord("x", start: 1, end: 0.5)]) }
        #expect(throws: MediaError.self) { try plan(words: [TimedWord("x", start: .nan, end: 1)]) }
        #expect(throws: MediaError.self) {
            try plan(words: [TimedWord("x", start: 1, end: 2), TimedWord("y", start: 0.5, end: 2)])
        }
    }

    @Test func `survives being written down, and is checked again when read`() throws {
        let plan = try plan(words: [TimedWord("x", start: 1, end: 2)])
        let text = try JSONEncoder().encode(plan)
        #expect(try JSONDecoder().decode(RenderPlan.self, from: text) == plan)
        let broken = String(decoding: text, as: UTF8.self).replacing("\"leadIn\":0.5", with: "\"leadIn\":-1")
        #expect(throws: MediaError.self) { try JSONDecoder().decode(RenderPlan.self, from: Data(broken.utf8)) }
    }

    @Test func `is as long as its narration, rounded up to a frame`() {
        #expect(RenderPlan.frameCount(leadIn: 0.5, narration: 1.5, tail: 1) == 90)
        #expect(RenderPlan.frameCount(leadIn: 0.5, narration: 1.501, tail: 1) == 91)
        #expect(RenderPlan.frameCount(leadIn: 0.5, narration: 0, tail: 0, frameRate: 24) == 12)
    }
}
