import Foundation
import Media
import Testing

/// A clap with a flash, in a film that is shown with its own sound.
@Suite struct `A film with its own sound` {
    let workshop: Workshop

    init() throws { workshop = try Workshop() }

    /// Containers that say in different ways when picture and sound begin: an edit list for the encoder's priming, samples to be
    /// left out, a clock that begins at 1.4 seconds, a sound that begins later than the picture.
    static let kinds: [(name: String, sound: String, arguments: [String])] = [
        ("film.mp4", "anull", ["-c:v", "libx264", "-bf", "2", "-pix_fmt", "yuv420p", "-c:a", "aac"]),
        ("film.mkv", "anull", ["-c:v", "libx264", "-bf", "2", "-pix_fmt", "yuv420p", "-c:a", "libopus"]),
        ("film.ts", "anull", ["-c:v", "mpeg2video", "-q:v", "3", "-bf", "2", "-c:a", "mp2"]),
        ("film.mov", "anull", ["-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p", "-c:a", "pcm_s16le"]),
        ("late.mkv", "atrim=start=0.4", ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "flac"]),
    ]

    @Test(arguments: kinds.map(\.name))
    func `is seen and heard at the same time`(name: String) async throws {
        let kind = try #require(Self.kinds.first { $0.name == name })
        try workshop.make(
            name,
            [
                "-f", "lavfi", "-i",
                "color=black:s=384x216:r=30:d=3,drawbox=0:0:384:216:white:fill:enable='between(n,30,31)'", "-f",
                "lavfi",
                "-i", "aevalsrc='if(between(t,1,1.05),0.7*sin(2*PI*1000*t),0)':s=48000:d=3", "-af", kind.sound,
            ] + kind.arguments)
        let (file, video) = (workshop.path(name), workshop.path("video.mp4"))
        // From its half second on, after two thirds of a second of something else.
        let cut = try Cut(
            size: Workshop.small,
            shots: [
                Shot(.plain(Colour(0x101010)), frames: 0..<20),
                Shot(.clip(Clip(file: file, part: 0.5..<2.5)), frames: 20..<80),
            ], hasProgressLine: false,
            sound: SoundTrack(
                narration: nil, others: [SoundTrack.Part(file: file, start: 20.0 / 30, part: 0.5..<2.5)]),
            encoding: VideoEncoding(preference: .software, preset: .superfast))
        _ = try await VideoRenderer(lanes: 2).render(cut, to: video)
        let flash = try #require(try workshop.frames(of: video).firstIndex { $0[160, 60].green > 128 })
        #expect(flash == 35)
        let heard = try #require(try workshop.onset(in: video))
        #expect(abs(Double(flash) / 30 - heard) < 0.010, "seen at \(Double(flash) / 30), heard at \(heard)")
    }
}
