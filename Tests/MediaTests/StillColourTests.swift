import CFFmpeg
import Foundation
import Testing

@testable import Media

@Suite struct `The colours of a still` {
    let workshop: Workshop

    init() throws { workshop = try Workshop() }

    private static let palette = ["-vf", "split[a][b];[a]palettegen[c];[b][c]paletteuse=dither=none"]

    static let kinds: [(name: String, arguments: [String])] = [
        ("bars.png", ["-pix_fmt", "rgb24"]), ("deep.png", ["-pix_fmt", "rgb48be"]), ("bars.bmp", []),
        ("bars.tiff", ["-pix_fmt", "rgb24"]), ("bars.gif", palette),
        ("palette.png", palette),
        // JPEG is always BT.601 in full range (JFIF 1.02), lossy WebP always BT.601 in limited range (RFC 6386, 9.2).
        ("fine.jpg", ["-c:v", "mjpeg", "-q:v", "1", "-qmin", "1", "-pix_fmt", "yuvj444p"]),
        ("coarse.jpg", ["-c:v", "mjpeg", "-q:v", "1", "-qmin", "1", "-pix_fmt", "yuvj420p"]),
        ("lossy.webp", ["-c:v", "libwebp", "-quality", "100", "-pix_fmt", "yuv420p"]),
        ("lossless.webp", ["-c:v", "libwebp", "-lossless", "1", "-pix_fmt", "bgra"]),
    ]

    @Test(arguments: kinds.map(\.name))
    func `come out within two levels, whatever its file`(name: String) async throws {
        let kind = try #require(Self.kinds.first { $0.name == name })
        let raw = try workshop.picture("bars.ppm") { x, _ in ColourBars.all[x / 40] }
        try workshop.make(
            name, ["-i", raw, "-vf", "scale=flags=accurate_rnd+full_chroma_int+full_chroma_inp"] + kind.arguments)
        let all = Motion(from: .whole, to: .whole)
        _ = try await workshop.render([Shot(.still(file: workshop.path(name), motion: all), frames: 0..<6)])
        try workshop.expectBars(in: "video.mp4")
    }

    @Test(arguments: ["grey.pgm", "grey.png"]) func `without any are as light as they were`(name: String) async throws {
        let (raw, steps) = (workshop.path("grey.pgm"), [0, 37, 120, 255] as [UInt8])
        let line = (0..<320).map { steps[$0 / 80] }
        let bytes = Data("P5\n320 180\n255\n".utf8) + Data([[UInt8]](repeating: line, count: 180).joined())
        try bytes.write(to: URL(filePath: raw))
        if name != "grey.pgm" { try workshop.make(name, ["-i", raw, "-pix_fmt", "gray"]) }
        let all = Motion(from: .whole, to: .whole)
        _ = try await workshop.render([Shot(.still(file: workshop.path(name), motion: all), frames: 0..<6)])
        let found = try workshop.samples(of: "video.mp4")
        for (index, step) in steps.enumerated() {
            #expect(abs(Double(found[90 * 320 + index * 80 + 40]) - (16 + 219 * Double(step) / 255)) <= 2, "\(step)")
        }
        #expect(found[(320 * 180)...].allSatisfy { (126...130).contains($0) })
    }

    /// What a decoder says of a picture's samples is believed. No format of stills says BT.709, so this one comes without a file.
    @Test(arguments: [AVCOL_SPC_SMPTE170M, AVCOL_SPC_BT470BG, AVCOL_SPC_BT709], [false, true])
    func `come out within two levels, whatever its samples mean`(matrix: AVColorSpace, isFullRange: Bool) throws {
        let (red, blue) = matrix == AVCOL_SPC_BT709 ? (0.2126, 0.0722) : (0.299, 0.114)
        let stored = try Frame(width: 320, height: 180, format: AV_PIX_FMT_YUV444P)
        stored.pointer.pointee.colorspace = matrix
        stored.pointer.pointee.color_range = isFullRange ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG
        for (bar, colour) in ColourBars.all.enumerated() {
            let samples = ColourBars.samples(colour, red: red, blue: blue, isFullRange: isFullRange)
            for (index, value) in samples.enumerated() {
                let plane = try #require(stored.plane(index))
                for line in 0..<180 {
                    (plane.samples + line * plane.stride + bar * 40).update(
                        repeating: UInt8(min(max(value, 0), 255).rounded()), count: 40)
                }
            }
        }
        let video = try Scaler.scale(stored, width: 320, height: 180)
        for (bar, colour) in ColourBars.all.enumerated() {
            for (index, wanted) in ColourBars.samples(colour).enumerated() {
                let plane = try #require(video.plane(index))
                let found = plane.samples[plane.height / 2 * plane.stride + (bar * 40 + 20) / (index == 0 ? 1 : 2)]
                #expect(abs(Double(found) - wanted) <= 2, "bar \(bar): \(found) for \(wanted)")
            }
        }
    }
}
