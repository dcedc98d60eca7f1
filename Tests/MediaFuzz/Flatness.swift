import Foundation
import Media

/// Renders the same tiny cut, with a still, a clip and a dissolve, again and again, and sees whether the process grows.
struct Flatness {
    let renders: Int

    /// Megabytes that are noise: the allocator keeps what threads once used.
    private static let noise = 12

    func isFlat() async throws -> Bool {
        let folder = FileManager.default.temporaryDirectory.appending(path: "media-flat-\(UUID().uuidString)")
            .path(percentEncoded: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Corpus.make(in: folder)
        guard let size = FrameSize(width: 96, height: 64) else { return false }
        let cut = try Cut(
            size: size, frameRate: 10,
            shots: [
                Shot(.still(file: folder + "/still.png", motion: Motion(from: .whole, to: .whole)), frames: 0..<6),
                Shot(
                    .clip(Clip(file: folder + "/h264.mp4", part: 0..<0.5, framing: .fit)), frames: 6..<12,
                    transition: Transition(.dissolve, frames: 4)),
            ],
            titles: [Title(.label, "One", frames: 0..<12)], captions: Captions([TimedWord("Word", start: 0, end: 1)]),
            sound: SoundTrack(narration: SoundTrack.Part(file: folder + "/speech.wav", start: 0.2)),
            encoding: VideoEncoding(preference: .software, preset: .superfast, threads: 1))
        let early = min(50, renders / 2)
        var (before, after) = (0, 0)
        for count in 1...max(2, renders) {
            _ = try await VideoRenderer(lanes: 2).render(cut, to: folder + "/video.mp4")
            _ = try await MediaProbe.probe(folder + "/video.mp4")
            after = Self.memory
            if count == early { before = after }
        }
        say("flat: \(before) MB after \(early) renders, \(after) MB after \(renders)")
        return after <= before + Self.noise
    }

    private static var memory: Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return (line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) / 1024
    }
}
