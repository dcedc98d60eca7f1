import Media
import Testing

@Suite struct `A contact sheet` {
    @Test(arguments: ["sheet.png", "sheet.jpg"])
    func `shows frames from all of a video, in order`(name: String) async throws {
        let workshop = try Workshop()
        let colours = [Colour(0xC03030), Colour(0x30C030), Colour(0x3030C0), Colour(0xC0C030)]
        let shots = colours.enumerated().map { Shot(.plain($1), frames: (30 * $0)..<(30 * $0 + 30)) }
        let cut = try Cut(
            size: Workshop.small, shots: shots, hasProgressLine: false, sound: SoundTrack(narration: nil))
        let sheet = workshop.path(name)
        try await ContactSheet(cut, columns: 2, rows: 2).write(to: sheet)
        // Two frames of 480 × 270 and three gaps of 8.
        let size = try #require(FrameSize(width: 984, height: 564))
        let picture = try #require(try workshop.frames(of: sheet, size: size).first)
        let places = [(248, 140), (736, 140), (248, 420), (736, 420)]
        for (colour, place) in zip(colours, places) {
            #expect(picture[place.0, place.1].isNear(colour, within: 8))
        }
        #expect(picture[4, 4].isNear(Cut.Palette.calm.background, within: 8))
    }
}
