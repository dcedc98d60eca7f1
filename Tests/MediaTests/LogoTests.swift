import Foundation
import Media
import Testing

@Suite struct `A logo` {
    let workshop: Workshop

    init() throws { workshop = try Workshop() }

    /// A disc, white within, and green where nothing is to be seen.
    private func disc() throws -> String {
        try workshop.make(
            "disc.png",
            [
                "-f", "lavfi", "-i",
                "color=white:s=200x200,format=rgba,geq=r='if(lt(hypot(X-100,Y-100),96),255,0)':g=255:b='if(lt(hypot(X-100,Y-100),96),255,0)':a='if(lt(hypot(X-100,Y-100),96),255,0)'",
                "-frames:v", "1", "-update", "1",
            ])
        return workshop.path("disc.png")
    }

    private func frame(_ logo: Logo, size: FrameSize) async throws -> Picture {
        let video = workshop.path("video.mp4")
        let cut = try Cut(
            size: size, shots: [Shot(.plain(Colour(0x303030)), frames: 0..<4)], logo: logo, hasProgressLine: false,
            sound: SoundTrack(
                narration: SoundTrack.Part(file: workshop.sound("silence.wav", seconds: 0.1) { _ in 0 }, start: 0)),
            encoding: VideoEncoding(preference: .software, quality: 8))
        _ = try await VideoRenderer().render(cut, to: video)
        return try #require(try workshop.frames(of: video, size: size).first)
    }

    @Test(arguments: Logo.Corner.allCases, [false, true])
    func `stands in its corner within the safe area`(corner: Logo.Corner, isVertical: Bool) async throws {
        let size = try #require(FrameSize(width: isVertical ? 360 : 640, height: isVertical ? 640 : 360))
        let picture = try await frame(Logo(file: disc(), corner: corner, width: 0.2, opacity: 1), size: size)
        let seen = picture.bright
        let safe = SafeArea(of: size)
        let (left, right) = (seen.map(\.x).min() ?? 0, seen.map(\.x).max() ?? 0)
        let (top, bottom) = (seen.map(\.y).min() ?? 0, seen.map(\.y).max() ?? 0)
        // 72 pixels across.
        #expect(abs(right - left - 70) <= 4 && abs(bottom - top - 70) <= 4)
        #expect(Double(left) >= Double(size.width) * safe.left - 2)
        #expect(Double(right) <= Double(size.width) * (1 - safe.right) + 2)
        #expect(Double(top) >= Double(size.height) * safe.top - 2)
        #expect(Double(bottom) <= Double(size.height) * (1 - safe.bottom) + 2)
        #expect((left > size.width / 2) == (corner == .upperRight || corner == .lowerRight))
        #expect((top > size.height / 2) == (corner == .lowerLeft || corner == .lowerRight))
        // Nothing of the colour under its transparent parts is to be seen at its edge.
        let green = picture.places { Int($0.green) > Int(max($0.red, $0.blue)) + 24 }
        #expect(green.isEmpty)
    }

    @Test func `is as opaque as it is told to be`() async throws {
        let picture = try await frame(Logo(file: disc(), width: 0.4, opacity: 0.5), size: Workshop.small)
        // Upper right: half of white over 0x30.
        #expect(picture.places { $0.isNear(Colour(0x979797), within: 8) }.count > 1500)
    }

    @Test func `that can't be read is named`() async throws {
        let file = workshop.path("none.png")
        await #expect { try await frame(Logo(file: file), size: Workshop.small) } throws: {
            ($0 as? MediaError)?.file == file
        }
    }
}
