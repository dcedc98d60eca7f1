import Foundation
import Testing

@testable import Media

@Suite struct `A transition` {
    private let workshop: Workshop
    private let shots: [Shot]

    init() throws {
        workshop = try Workshop()
        shots = [Shot(.plain(Colour(0xC02020)), frames: 0..<30), Shot(.plain(Colour(0x2020C0)), frames: 30..<60)]
    }

    /// The frames of a video of a red and a blue shot.
    private func frames(_ kind: Transition.Kind) async throws -> [Picture] {
        var shots = shots
        shots[1].transition = Transition(kind, frames: 20)
        let cut = try Cut(
            size: Workshop.small, shots: shots, hasProgressLine: false,
            sound: SoundTrack(narration: SoundTrack.Part(file: try workshop.speech(seconds: 1), start: 0.5)),
            encoding: VideoEncoding(preference: .software))
        let video = workshop.path("video.mp4")
        _ = try await VideoRenderer().render(cut, to: video)
        return try workshop.frames(of: video)
    }

    @Test(arguments: Transition.Kind.allCases)
    func `begins with the old and ends with the new, and nothing outside it changes`(kind: Transition.Kind) async throws
    {
        let frames = try await frames(kind)
        #expect(frames.count == 60)
        for x in [10, 160, 310] {
            #expect([0, 10, 19].allSatisfy { frames[$0][x, 90].isNear(Colour(0xC02020), within: 6) })
            #expect([40, 50, 59].allSatisfy { frames[$0][x, 90].isNear(Colour(0x2020C0), within: 6) })
        }
    }

    @Test func `of dissolving shows both halfway`() async throws {
        #expect(try await frames(.dissolve)[30][160, 90].isNear(Colour(0x702070), within: 14))
    }

    @Test func `of dipping shows the background halfway`() async throws {
        #expect(try await frames(.dip)[30][160, 90].isNear(Cut.Palette.calm.background, within: 14))
    }

    @Test func `of pushing and wiping shows them side by side`() async throws {
        let pushed = try await frames(.push)[30]
        #expect(pushed[40, 90].isNear(Colour(0xC02020), within: 8))
        #expect(pushed[280, 90].isNear(Colour(0x2020C0), within: 8))
        let wiped = try await frames(.wipe)[30]
        #expect(wiped[40, 90].isNear(Colour(0x2020C0), within: 8))
        #expect(wiped[280, 90].isNear(Colour(0xC02020), within: 8))
    }

    @Test func `never takes an odd number of frames, nor any for a cut`() {
        #expect(Transition(.dissolve, frames: 15).frames == 14)
        #expect(Transition(.dissolve, frames: 1) == .cut)
        #expect(Transition(.cut, frames: 10) == .cut)
    }
}
