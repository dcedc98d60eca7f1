import Foundation
import Media
import Testing

@Suite struct `The colours of a clip` {
    let workshop: Workshop

    init() throws { workshop = try Workshop() }

    /// Eight bars, 320 × 180, in a file that FFmpeg's program wrote with the given matrix and tags.
    private func bars(_ name: String, convert: String, _ arguments: [String]) throws -> String {
        let picture = try workshop.picture("bars.ppm") { x, _ in ColourBars.all[x / 40] }
        try workshop.make(
            name, ["-loop", "1", "-framerate", "30", "-i", picture, "-t", "0.3", "-vf", convert] + arguments)
        return workshop.path(name)
    }

    static let kinds: [(name: String, convert: String, arguments: [String])] = [
        (
            "709.mp4", "scale=out_color_matrix=bt709:flags=accurate_rnd+full_chroma_int,format=yuv420p",
            ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"]
        ),
        (
            "601.mp4", "scale=out_color_matrix=smpte170m:flags=accurate_rnd+full_chroma_int,format=yuv420p",
            ["-colorspace", "smpte170m"]
        ),
        (
            "europe.mp4", "scale=out_color_matrix=bt470bg:flags=accurate_rnd+full_chroma_int,format=yuv420p",
            ["-colorspace", "bt470bg", "-color_primaries", "bt470bg", "-color_trc", "smpte170m"]
        ),
        // Of a small picture that says nothing players think BT.601, of a large one BT.709.
        ("small.mp4", "scale=out_color_matrix=smpte170m:flags=accurate_rnd+full_chroma_int,format=yuv420p", []),
        (
            "large.mp4",
            "scale=1280:720:flags=neighbor+accurate_rnd+full_chroma_int:out_color_matrix=bt709,format=yuv420p",
            []
        ),
        (
            "full.mp4",
            "scale=out_color_matrix=bt709:out_range=pc:flags=accurate_rnd+full_chroma_int,format=yuv420p",
            ["-colorspace", "bt709", "-color_range", "pc"]
        ),
        (
            "deep.mp4", "scale=out_color_matrix=bt709:flags=accurate_rnd+full_chroma_int,format=yuv422p10le",
            ["-colorspace", "bt709"]
        ),
        ("rgb.mkv", "format=gbrp", ["-c:v", "ffv1"]),
        ("packed.avi", "format=bgr24", ["-c:v", "rawvideo"]),
    ]

    @Test(arguments: kinds.map(\.name))
    func `come out within two levels`(name: String) async throws {
        let kind = try #require(Self.kinds.first { $0.name == name })
        let encoder = kind.arguments.contains("-c:v") ? [] : ["-c:v", "libx264", "-qp", "1"]
        let file = try bars(name, convert: kind.convert, encoder + kind.arguments)
        _ = try await workshop.render(Clip(file: file, part: 0..<0.3), frames: 6)
        try workshop.expectBars(in: "video.mp4")
    }

    /// Grey steps in light, coded for PQ or HLG as the recommendations say, and what a viewer of SDR gets to see.
    @Test(arguments: ["smpte2084", "arib-std-b67"])
    func `of HDR become those of SDR`(transfer: String) async throws {
        // Signal of eight steps; 0.58 of PQ and 0.75 of HLG are diffuse white (BT.2408).
        let white = transfer == "smpte2084" ? 0.58 : 0.75
        let steps = (0..<8).map { 64 + 876 * (Double($0) * white / 6) }
        var bytes = Data()
        for plane in 0..<3 {
            let (width, height) = plane == 0 ? (320, 180) : (160, 90)
            for _ in 0..<height {
                for x in 0..<width {
                    let value = UInt16(plane == 0 ? steps[x * 8 / width] : 512)
                    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
                }
            }
        }
        let raw = workshop.path("steps.raw")
        try bytes.write(to: URL(filePath: raw))
        try workshop.make(
            "hdr.mp4",
            [
                "-f", "rawvideo", "-pix_fmt", "yuv420p10le", "-s", "320x180", "-r", "30", "-stream_loop", "5", "-i",
                raw,
                "-c:v", "libx265", "-x265-params", "log-level=0:lossless=1", "-color_primaries", "bt2020", "-color_trc",
                transfer,
                "-colorspace", "bt2020nc",
            ])
        let file = workshop.path("hdr.mp4")
        #expect(try await MediaProbe.probe(file, depth: .headers).video?.isHDR == true)
        let picture = try #require(try await workshop.render(Clip(file: file, part: 0..<0.2), frames: 4).first)
        let greys = (0..<8).map { picture[$0 * 40 + 20, 90] }
        // Grey stays grey, brighter stays brighter, black is black, and white is nearly white.
        for grey in greys {
            #expect(abs(Int(grey.red) - Int(grey.green)) <= 4 && abs(Int(grey.blue) - Int(grey.green)) <= 4, "\(grey)")
        }
        #expect(zip(greys, greys.dropFirst()).allSatisfy { $0.green < $1.green }, "\(greys.map(\.green))")
        #expect(greys[0].green <= 2, "\(greys.map(\.green))")
        #expect((200...250).contains(greys[6].green), "\(greys.map(\.green))")
    }
}
