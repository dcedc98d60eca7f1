import Foundation
import Media
import Testing

@Suite struct `A thumbnail` {
    static let size = FrameSize(width: 1280, height: 720) ?? .horizontal

    @Test(arguments: ["Three words here", "日本語 {\\b1} 100%", String(repeating: "much too long ", count: 20)])
    func `is a small JPEG with big words`(title: String) async throws {
        let workshop = try Workshop()
        // Noise is the most that a JPEG can be asked for.
        var state: UInt32 = 1
        let noise = try workshop.picture("noise.ppm", width: 640, height: 640) { _, _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return Colour(state >> 8)
        }
        let path = workshop.path("thumbnail.jpg")
        let bytes = try await Thumbnail(picture: noise, title: title).write(to: path)
        #expect(bytes <= 2_000_000)
        #expect(try Data(contentsOf: URL(filePath: path)).count == Int(bytes))
        let probe = try await MediaProbe.probe(path, depth: .headers)
        #expect(probe.video?.codec == "mjpeg")
        #expect((probe.video?.width, probe.video?.height) == (1280, 720))
        #expect(try workshop.files == ["noise.ppm", "thumbnail.jpg"])
    }

    @Test func `has white words on a white picture, within the margins`() async throws {
        let workshop = try Workshop()
        let path = workshop.path("thumbnail.jpg")
        try await Thumbnail(picture: try workshop.flat("white.ppm", Colour(0xFFFFFF)), title: "Big words").write(
            to: path)
        let picture = try #require(try workshop.frames(of: path, size: Self.size).first)
        let words = picture.places { $0.red > 230 && $0.green > 230 && $0.blue > 230 }.filter { $0.y > 250 }
        #expect(words.count > 8000)
        #expect(words.allSatisfy { $0.x > 60 && $0.x < 1220 && $0.y < 650 })
        // Below the words the picture is dark enough for white letters.
        #expect(Colour(0xFFFFFF).contrast(with: picture[1200, 600]) > 4.5)
        #expect(!picture.places { $0.isNear(Cut.Palette.calm.accent, within: 10) }.isEmpty)
    }

    @Test func `names a picture that is missing`() async throws {
        let workshop = try Workshop()
        let thumbnail = Thumbnail(picture: workshop.path("none.png"), title: "x")
        let path = workshop.path("t.jpg")
        await #expect { try await thumbnail.write(to: path) } throws: {
            ($0 as? MediaError)?.code == .unreadable
        }
        #expect(try workshop.files.isEmpty)
    }
}
