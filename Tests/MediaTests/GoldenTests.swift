import Foundation
import Media
import Testing

/// The picture beside the one that FFmpeg's own program makes of the same files.
@Suite struct `A golden frame` {
    let workshop: Workshop

    init() throws { workshop = try Workshop() }

    private static let source = ["-f", "lavfi", "-i", "testsrc2=s=640x360:r=30:d=2"]

    /// Likeness of our video to what the program makes with `filter`, all frames together: 1 is the same.
    private func likeness(of input: [String], filter: String) throws -> Double {
        _ = try workshop.run(
            "ffmpeg",
            arguments: input + [
                "-i", workshop.path("video.mp4"), "-filter_complex",
                "[0]\(filter),format=yuv420p[a];[1]format=yuv420p[b];[a][b]ssim=stats_file=\(workshop.path("ssim.txt")):shortest=1",
                "-f", "null", "-",
            ])
        let lines = try String(contentsOfFile: workshop.path("ssim.txt"), encoding: .utf8).split(separator: "\n")
        let values = lines.compactMap { line in
            line.split(separator: " ").first { $0.hasPrefix("All:") }.flatMap { Double($0.dropFirst(4)) }
        }
        #expect(values.count == 30)
        return values.min() ?? 0
    }

    @Test func `of a clip is like the program's`() async throws {
        try workshop.make(
            "film.mp4", Self.source + ["-c:v", "libx264", "-crf", "8", "-pix_fmt", "yuv420p", "-colorspace", "bt709"])
        let file = workshop.path("film.mp4")
        _ = try await workshop.render(Clip(file: file, part: 0.5..<1.5), frames: 30)
        let likeness = try likeness(of: ["-ss", "0.5", "-t", "1", "-i", file], filter: "scale=320:180:flags=bicubic")
        #expect(likeness >= 0.98)
    }

    @Test func `of a still is like the program's`() async throws {
        try workshop.make("still.png", Self.source + ["-frames:v", "1", "-update", "1"])
        let file = workshop.path("still.png")
        let window = Box(left: 0.125, top: 0.125, width: 0.75, height: 0.75)
        _ = try await workshop.render([
            Shot(.still(file: file, motion: Motion(from: window, to: window)), frames: 0..<30)
        ])
        let likeness = try likeness(
            of: ["-loop", "1", "-framerate", "30", "-t", "1", "-i", file],
            filter: "crop=480:270:80:45,scale=320:180:flags=bicubic:out_color_matrix=bt709")
        #expect(likeness >= 0.98)
    }

    @Test func `is where it belongs in a video of forty scenes`() async throws {
        let shots = (0..<40).map { index in
            Shot(
                .plain(Colour(red: UInt8(index * 6), green: 60, blue: 90)), frames: index * 12..<(index + 1) * 12,
                transition: index == 0 ? .cut : Transition(.dissolve, frames: 4))
        }
        let size = try #require(FrameSize(width: 64, height: 36))
        let pictures = try await workshop.render(shots, size: size)
        #expect(pictures.count == 480)
        for index in 0..<40 {
            #expect(abs(Int(pictures[index * 12 + 6][32, 10].red) - index * 6) <= 5, "scene \(index)")
        }
    }
}
