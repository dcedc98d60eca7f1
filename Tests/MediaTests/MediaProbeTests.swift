import Foundation
import Media
import Testing

@Suite struct `A probe` {
    let workshop: Workshop

    init() throws { workshop = try Workshop() }

    @Test func `sees an index at the end, an edit list and BT.601`() async throws {
        let path = workshop.path("plain.mp4")
        _ = try workshop.run(
            "ffmpeg", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=1", "-f", "lavfi", "-i", "sine=d=1", "-pix_fmt",
            "yuv420p", "-g", "10", "-colorspace", "smpte170m", path)
        let probe = try await MediaProbe.probe(path)
        #expect(!probe.indexComesFirst)
        #expect(probe.hasEditList)
        #expect(probe.video?.matrix == "smpte170m")
        #expect(probe.video?.frames == 25)
        #expect(probe.video?.keyFrameDistance == 10)
        #expect(probe.video?.frameRate == 25)
        #expect((probe.audio?.channels, probe.audio?.sampleRate) == (1, 44100))
    }

    @Test func `sees that a video is black`() async throws {
        let path = workshop.path("black.mp4")
        _ = try workshop.run("ffmpeg", "-f", "lavfi", "-i", "color=black:s=320x180:d=1", "-pix_fmt", "yuv420p", path)
        let video = try #require(try await MediaProbe.probe(path).video)
        #expect(video.meanLuma.count >= 10)
        #expect(video.meanLuma.allSatisfy { $0 < 17 })
        #expect(video.lumaRange == 16...16)
    }

    @Test func `measures loudness as FFmpeg's program does`() async throws {
        let path = try workshop.speech(seconds: 3, level: 0.5)
        let sound = try #require(try await MediaProbe.probe(path).audio)
        let summary = try workshop.run(
            "ffmpeg", "-i", path, "-af", "ebur128=metadata=1,ametadata=print:key=lavfi.r128.I:file=-", "-f", "null",
            "/dev/null")
        let last = String(decoding: summary, as: UTF8.self).split(separator: "\n").last?.split(separator: "=").last
        let expected = try #require(last.flatMap { Double($0) })
        #expect(abs((sound.integratedLoudness ?? 0) - expected) < 0.05)
    }

    @Test func `names a file that isn't media`() async throws {
        let path = workshop.path("text.mp4")
        try Data("not a video".utf8).write(to: URL(filePath: path))
        await #expect { try await MediaProbe.probe(path) } throws: {
            guard let error = $0 as? MediaError else { return false }
            return error.code == .damaged && error.file == path
        }
        await #expect { try await MediaProbe.probe(path + ".none") } throws: {
            ($0 as? MediaError)?.code == .unreadable
        }
    }
}
