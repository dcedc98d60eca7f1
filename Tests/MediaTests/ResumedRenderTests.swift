import Foundation
import Synchronization
import Testing

@testable import Media

@Suite struct `An interrupted render` {
    /// Keeps pieces in a folder, and says no from a certain one on.
    private final class Store: SegmentStore {
        let folder: URL
        private let asked = Mutex<[String]>([])
        private let full: Bool

        init(_ folder: URL, full: Bool = false) throws {
            (self.folder, self.full) = (folder, full)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }

        struct Full: Error {}

        func find(_ key: String) async throws -> String? {
            let path = folder.appending(path: key).path(percentEncoded: false)
            return FileManager.default.fileExists(atPath: path) ? path : nil
        }

        func keep(_ file: String, as key: String) async throws -> String {
            if full { throw Full() }
            let path = folder.appending(path: key).path(percentEncoded: false)
            try? FileManager.default.removeItem(atPath: path)
            try FileManager.default.moveItem(atPath: file, toPath: path)
            return path
        }

        var kept: [String] {
            get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false)) }
        }
    }

    private let workshop: Workshop
    private let video: String

    init() throws {
        workshop = try Workshop()
        video = workshop.path("video.mp4")
    }

    @Test func `goes on with what is finished, and comes out the same`() async throws {
        let cut = try workshop.cut(seconds: 9, encoding: VideoEncoding(preference: .software))
        let store = try Store(workshop.folder.appending(path: "store"))
        let whole = try await VideoRenderer(lanes: 2).render(cut, to: video, keeping: store)
        #expect(whole.framesKept == 0)
        #expect(whole.keepFailure == nil)
        let frames = try workshop.frames(of: video)
        #expect(frames.count == 300)
        let pieces = try store.kept
        #expect(pieces.count == 6)

        // What a process that died would have left: some pieces, in whatever order they were finished.
        for piece in pieces.sorted().prefix(2) {
            try FileManager.default.removeItem(at: store.folder.appending(path: piece))
        }
        let again = try await VideoRenderer(lanes: 1).render(cut, to: video, keeping: store)
        #expect(again.framesKept >= 180)
        #expect(try store.kept.count == 6)
        let resumed = try workshop.frames(of: video)
        #expect(resumed.count == 300)
        #expect(zip(frames, resumed).allSatisfy { $0[160, 40].isNear($1[160, 40], within: 4) })
    }

    @Test func `takes nothing that was made for another cut`() async throws {
        let store = try Store(workshop.folder.appending(path: "store"))
        let encoding = VideoEncoding(preference: .software)
        let cut = try workshop.cut(seconds: 3, encoding: encoding)
        _ = try await VideoRenderer().render(cut, to: video, keeping: store)
        // Another colour in the same file, under the same name.
        _ = try workshop.flat("flat.ppm", Colour(0x903020))
        let report = try await VideoRenderer().render(cut, to: video, keeping: store)
        #expect(report.framesKept == 0)
        #expect(try workshop.frames(of: video)[30][160, 30].isNear(Colour(0x903020), within: 6))
    }

    /// Of another build of the encoder, say: it decodes, but doesn't fit to the others.
    @Test func `makes again what was kept and does not fit`() async throws {
        let cut = try workshop.cut(seconds: 9, encoding: VideoEncoding(preference: .software))
        let store = try Store(workshop.folder.appending(path: "store"))
        _ = try await VideoRenderer(lanes: 2).render(cut, to: video, keeping: store)
        let pictures = try store.kept.map { store.folder.appending(path: $0) }.filter { piece in
            let kind = try workshop.run(
                "ffprobe", "-show_entries", "stream=codec_type", "-of", "csv=p=0", piece.path(percentEncoded: false))
            return String(decoding: kind, as: UTF8.self).hasPrefix("video")
        }
        #expect(pictures.count == 5)
        let (piece, other) = (try #require(pictures.first), workshop.path("other.nut"))
        try workshop.make(
            "other.nut",
            [
                "-i", piece.path(percentEncoded: false), "-c:v", "libx264", "-profile:v", "main", "-refs", "1",
            ])
        try FileManager.default.removeItem(at: piece)
        try FileManager.default.moveItem(atPath: other, toPath: piece.path(percentEncoded: false))
        // One is missing besides: it is made only once.
        try FileManager.default.removeItem(at: pictures[1])

        let report = try await VideoRenderer(lanes: 2).render(cut, to: video, keeping: store)
        #expect(report.framesKept == 0)
        #expect(report.keepFailure?.contains("encoded with other settings") == true)
        #expect(try workshop.frames(of: video).count == 300)
        let again = try await VideoRenderer(lanes: 2).render(cut, to: video, keeping: store)
        #expect(again.framesKept == 300)
        #expect(again.keepFailure == nil)
    }

    @Test func `makes again what was kept and is damaged`() async throws {
        let cut = try workshop.cut(encoding: VideoEncoding(preference: .software))
        let store = try Store(workshop.folder.appending(path: "store"))
        _ = try await VideoRenderer().render(cut, to: video, keeping: store)
        for piece in try store.kept { try Data("?".utf8).write(to: store.folder.appending(path: piece)) }
        let report = try await VideoRenderer().render(cut, to: video, keeping: store)
        #expect(report.framesKept == 0)
        #expect(report.keepFailure != nil)
        #expect(try workshop.frames(of: video).count == 75)
        #expect(try await VideoRenderer().render(cut, to: video, keeping: store).framesKept == 75)
    }

    @Test func `tells encoders apart by what they write`() throws {
        let choice = EncoderChoice(refusals: [])
        let plain = try choice.signature(VideoEncoding())
        #expect(try choice.signature(VideoEncoding()) == plain)
        // How many threads work makes no difference to a joined video.
        #expect(try choice.signature(VideoEncoding(threads: 3)) == plain)
        #expect(try choice.signature(VideoEncoding(preset: .medium)) != plain)
    }

    @Test func `is not stopped by a store that keeps nothing, and says so`() async throws {
        let store = try Store(workshop.folder.appending(path: "store"), full: true)
        let report = try await VideoRenderer().render(try workshop.cut(), to: video, keeping: store)
        #expect(report.keepFailure == "Full()")
        #expect(try workshop.frames(of: video).count == 75)
    }
}
