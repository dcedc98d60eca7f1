import Foundation
import Media

/// A film whose frames carry their number: a row of twelve fields, light for 1 and dark for 0, the lowest bit on the left.
enum Film {
    static let (width, height, bits) = (384, 216, 12)

    /// The number that a picture of such a film shows; nil where a field is neither light nor dark.
    static func number(in picture: Picture, left: Int = 0, top: Int = 0, width: Int? = nil, height: Int? = nil) -> Int?
    {
        let (width, height) = (width ?? picture.width, height ?? picture.height)
        var number = 0
        for bit in 0..<bits {
            let value = picture[left + (2 * bit + 1) * width / (2 * bits), top + height / 2].green
            guard value > 160 || value < 90 else { return nil }
            if value > 128 { number |= 1 << bit }
        }
        return number
    }
}

extension Workshop {
    /// Makes a film of so many frames with FFmpeg's program, encoded as `arguments` say.
    func film(
        _ name: String, frames: Int, rate: String = "30", filters: String = "null", _ arguments: [String]
    ) throws -> String {
        var bytes = Data(capacity: frames * Film.width * Film.height)
        for number in 0..<frames {
            let line = Data(
                (0..<Film.width).map { x in
                    number >> (x * Film.bits / Film.width) & 1 == 1 ? UInt8(235) : UInt8(16)
                })
            for _ in 0..<Film.height { bytes.append(line) }
        }
        let raw = path(name + ".raw")
        try bytes.write(to: URL(filePath: raw))
        defer { try? FileManager.default.removeItem(atPath: raw) }
        try make(
            name,
            [
                "-f", "rawvideo", "-pix_fmt", "gray", "-color_range", "tv", "-s", "\(Film.width)x\(Film.height)", "-r",
                rate, "-i",
                raw, "-vf", filters,
            ] + arguments)
        return path(name)
    }

    /// Runs FFmpeg's program for the file `name`.
    func make(_ name: String, _ arguments: [String]) throws {
        _ = try run("ffmpeg", arguments: arguments + ["-y", path(name)])
    }

    /// A silent video of one clip, without anything drawn over it, and each of its frames.
    func render(
        _ clip: Clip, frames: Int, size: FrameSize = Workshop.small, rate: Int = 30, lanes: Int = 2
    ) async throws -> [Picture] {
        try await render([Shot(.clip(clip), frames: 0..<frames)], size: size, rate: rate, lanes: lanes)
    }

    func render(
        _ shots: [Shot], size: FrameSize = Workshop.small, rate: Int = 30, lanes: Int = 2
    ) async throws -> [Picture] {
        let video = path("video.mp4")
        let cut = try Cut(
            size: size, frameRate: rate, shots: shots, hasProgressLine: false,
            sound: SoundTrack(
                narration: SoundTrack.Part(file: sound("silence.wav", seconds: 0.2) { _ in 0 }, start: 0)),
            encoding: VideoEncoding(preference: .software, preset: .superfast, quality: 12))
        _ = try await VideoRenderer(lanes: lanes).render(cut, to: video)
        return try self.frames(of: video, size: size)
    }
}
