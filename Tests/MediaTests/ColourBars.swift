import Foundation
import Media
import Testing

/// White, yellow, cyan, green, magenta, red, blue, black, at three quarters, as the test signal has them.
enum ColourBars {
    static let all: [Colour] = [
        0xBFBFBF, 0xBFBF00, 0x00BFBF, 0x00BF00, 0xBF00BF, 0xBF0000, 0x0000BF, 0x000000,
    ].map { Colour($0) }

    /// The exact Y', Cb and Cr for an RGB colour: by BT.709 (Rec. ITU-R BT.709-6, item 3) unless told otherwise.
    ///
    /// - Parameters:
    ///   - red: its share in the luma.
    ///   - blue: its share in the luma.
    static func samples(
        _ colour: Colour, red: Double = 0.2126, blue: Double = 0.0722, isFullRange: Bool = false
    ) -> [Double] {
        let (r, g, b) = (Double(colour.red) / 255, Double(colour.green) / 255, Double(colour.blue) / 255)
        let luma = red * r + (1 - red - blue) * g + blue * b
        let (black, scale, chroma) = isFullRange ? (0.0, 255.0, 255.0) : (16, 219, 224)
        return [
            black + scale * luma, 128 + chroma * (b - luma) / (2 * (1 - blue)),
            128 + chroma * (r - luma) / (2 * (1 - red)),
        ]
    }
}

extension Workshop {
    /// Those of a video's first frame, plane after plane: no program's way back to RGB counts.
    func samples(of video: String) throws -> [UInt8] {
        [UInt8](try run("ffmpeg", "-i", path(video), "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-"))
    }

    /// Looks for eight bars in a video of 320 × 180.
    func expectBars(in video: String) throws {
        let bytes = try samples(of: video)
        for (index, bar) in ColourBars.all.enumerated() {
            let x = index * 40 + 20
            let found = [
                bytes[90 * 320 + x], bytes[320 * 180 + 45 * 160 + x / 2],
                bytes[320 * 180 + 160 * 90 + 45 * 160 + x / 2],
            ].map(Double.init)
            for (found, wanted) in zip(found, ColourBars.samples(bar)) {
                #expect(abs(found - wanted) <= 2, "bar \(index): \(found) for \(wanted)")
            }
        }
    }
}
