import Foundation
import Media
import TestServers
import Testing

extension EndToEnd {
    @Suite struct `A video made without a fleet` {
        private func folder(_ body: (URL) async throws -> Void) async throws {
            let folder = FileManager.default.temporaryDirectory.appending(path: "alone-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let story = #"""
                {"title": "Why the sea comes and goes", "scenes": [
                  {"narration": "Stand on a beach for six hours. The sea will have walked away."},
                  {"narration": "The Moon pulls at every drop of water. It rises.", "heading": "The Moon",
                   "picture": "missing.jpg"},
                  {"narration": "The sea does not come and go. We do."}]}
                """#
            try Data(story.utf8).write(to: folder.appending(path: "story.json"))
            try Data("render:\n  short-side: 180\n  encoder: software\n  preset: superfast\n".utf8)
                .write(to: folder.appending(path: "ytempire.yaml"))
            try await body(folder)
        }

        @Test func `is whole, with all that was asked for beside it`() async throws {
            try await folder { folder in
                let ended = try await Programs.run(
                    "ytempire",
                    [
                        "render", "story.json", "-o", "out.mp4", "--orientation", "square", "--music", "off",
                        "--subtitles", "out.vtt", "--cut", "cut.json", "--thumbnail", "out.jpg", "--contact-sheet",
                        "sheet.png", "--json",
                    ], in: folder)
                #expect(ended.status == 0, "\(ended)")
                let told = try #require(try ended.json() as? [String: Any])
                #expect((told["leftOut"] as? [String])?.first?.contains("missing.jpg") == true, "\(ended)")
                #expect(ended.err.contains("100 %") && ended.err.contains("missing.jpg"), "\(ended)")
                let probe = try await MediaProbe.probe(folder.appending(path: "out.mp4").path)
                #expect(probe.video?.width == 180 && probe.video?.height == 180 && probe.audio != nil)
                let cut = try JSONDecoder().decode(
                    Cut.self, from: Data(contentsOf: folder.appending(path: "cut.json")))
                #expect(probe.video?.frames == cut.frameCount)
                #expect(cut.sound.narration?.file == "narration.wav", "no path of this machine")
                let text = try String(contentsOf: folder.appending(path: "out.vtt"), encoding: .utf8)
                #expect(text.hasPrefix("WEBVTT"))
                let sheet = try await MediaProbe.probe(folder.appending(path: "sheet.png").path, depth: .headers)
                #expect(sheet.video?.codec == "png")
                let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
                #expect(
                    Set(left) == [
                        "story.json", "ytempire.yaml", "out.mp4", "out.vtt", "cut.json", "out.jpg", "sheet.png",
                    ])
            }
        }

        @Test func `leaves nothing behind when it is interrupted`() async throws {
            try await folder { folder in
                let process = Process()
                process.executableURL = URL(filePath: try Programs.path("ytempire"))
                process.arguments = ["render", "story.json", "-o", "out.mp4"]
                process.currentDirectoryURL = folder
                process.standardOutput = FileHandle.nullDevice
                let pipe = Pipe()
                process.standardError = pipe
                let (ends, end) = AsyncStream.makeStream(of: Int32.self)
                process.terminationHandler = { end.yield($0.terminationStatus) }
                try process.run()
                // It has begun once it tells so.
                var told = ""
                while !told.contains("picture") {
                    let bytes = pipe.fileHandleForReading.availableData
                    try #require(!bytes.isEmpty, "it ended by itself: \(told)")
                    told += String(decoding: bytes, as: UTF8.self)
                }
                process.interrupt()
                told += String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                var status: Int32?
                for await answer in ends {
                    status = answer
                    break
                }
                #expect(status == 130, "\(told)")
                #expect(told.contains("nothing is left behind"))
                #expect(
                    try Set(FileManager.default.contentsOfDirectory(atPath: folder.path))
                        == ["story.json", "ytempire.yaml"])
            }
        }
    }
}
