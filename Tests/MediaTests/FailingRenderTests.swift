import Foundation
import Media
import Testing

@Suite struct `A render that does not end well` {
    let workshop: Workshop
    let video: String

    init() throws {
        workshop = try Workshop()
        video = workshop.path("video.mp4")
    }

    private func scene(_ picture: String) -> [Workshop.Scene] {
        [Workshop.Scene(picture: picture, frames: 0..<30, seed: 1)]
    }

    private func failure(of cut: Cut) async -> MediaError? {
        do throws(MediaError) {
            _ = try await VideoRenderer().render(cut, to: video)
            return nil
        } catch {
            return error
        }
    }

    @Test func `leaves nothing behind when it is cancelled`() async throws {
        let cut = try workshop.cut(size: .horizontal, seconds: 60)
        let before = try workshop.files
        let (steps, continuation) = AsyncStream.makeStream(of: RenderProgress.self)
        let video = video
        let render = Task { () -> MediaError? in
            do throws(MediaError) {
                _ = try await VideoRenderer().render(cut, to: video) { continuation.yield($0) }
                return nil
            } catch {
                return error
            }
        }
        let first = await steps.first { _ in true }
        #expect((first?.framesDone ?? 0) > 0)
        #expect(try workshop.files == before + ["video.mp4.pieces"])
        render.cancel()
        #expect(await render.value?.code == .cancelled)
        #expect(try workshop.files == before)
    }

    @Test func `names a picture that is missing`() async throws {
        let missing = workshop.path("no such picture.png")
        let error = try #require(await failure(of: try workshop.cut(scenes: scene(missing))))
        #expect(error.code == .unreadable)
        #expect(error.file == missing)
        #expect(error.description.contains("No such file"))
        #expect(try workshop.files == ["speech.wav"])
    }

    @Test func `names a picture that is damaged, and keeps the older video`() async throws {
        try Data("older".utf8).write(to: URL(filePath: video))
        let whole = try workshop.picture("whole.ppm") { x, y in Colour(UInt32(x * y)) }
        let png = workshop.path("cut.png")
        _ = try workshop.run("ffmpeg", "-i", whole, png)
        let bytes = try Data(contentsOf: URL(filePath: png))
        try bytes.prefix(60).write(to: URL(filePath: png))
        let error = try #require(await failure(of: try workshop.cut(scenes: scene(png))))
        #expect(error.code == .damaged)
        #expect(error.file == png)
        #expect(try Data(contentsOf: URL(filePath: video)) == Data("older".utf8))
        #expect(try workshop.files.allSatisfy { !$0.hasSuffix(".part") })
    }

    @Test(arguments: [
        "#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "ffconcat version 1.0\nfile '/etc/passwd'\n", "hello", "",
    ])
    func `reads nothing but pictures as pictures`(text: String) async throws {
        let file = workshop.path("picture.png")
        try Data(text.utf8).write(to: URL(filePath: file))
        let error = try #require(await failure(of: try workshop.cut(scenes: scene(file))))
        #expect(error.code == .damaged)
        #expect(error.file == file)
    }

    @Test func `names a narration without sound in it`() async throws {
        let picture = try workshop.flat("flat.ppm", Colour(0))
        let error = try #require(await failure(of: try workshop.cut(narration: picture)))
        #expect(error.code == .damaged)
        #expect(error.file == picture)
    }

    @Test func `names a folder that isn't there`() async throws {
        let cut = try workshop.cut()
        let path = workshop.path("none/video.mp4")
        await #expect { try await VideoRenderer().render(cut, to: path) } throws: {
            ($0 as? MediaError)?.code == .unwritable
        }
    }

    @Test func `refuses a picture that is too large before there is memory for it`() async throws {
        // A header of 60,000 × 60,000 and nothing behind it.
        let file = workshop.path("huge.ppm")
        try Data("P6\n60000 60000\n255\n".utf8 + [UInt8](repeating: 7, count: 100_000)).write(to: URL(filePath: file))
        let error = try #require(await failure(of: try workshop.cut(scenes: scene(file))))
        #expect(error.code == .damaged)
        #expect(error.file == file)
    }
}
