import Foundation
import Media

/// What a child does: damages a file, and gives it to all that might be given one. Tells of each before and after.
struct Attempts {
    let folder: String
    let seed: UInt64
    private let corpus: [String]
    private let silence: String

    /// So many, then a fresh process goes on: one that remembered would hide what it takes.
    static let inOneProcess = 400

    init(folder: String, seed: UInt64) {
        (self.folder, self.seed) = (folder, seed)
        corpus = ((try? FileManager.default.contentsOfDirectory(atPath: folder + "/corpus")) ?? []).sorted()
        silence = folder + "/corpus/speech.wav"
    }

    func run(from first: Int) async {
        for iteration in first..<first + Self.inOneProcess {
            var dice = Dice(seed: seed, iteration: iteration)
            guard let name = corpus.randomElement(using: &dice),
                let whole = FileManager.default.contents(atPath: folder + "/corpus/" + name)
            else { return }
            var bytes = [UInt8](whole)
            Damage.apply(to: &bytes, with: &dice)
            let work = folder + "/work"
            try? FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
            let input = work + "/\(iteration)-\(name)"
            guard FileManager.default.createFile(atPath: input, contents: Data(bytes)) else { return }
            say("begin \(iteration) \(input)")
            let accepted = await attempt(input)
            try? FileManager.default.removeItem(atPath: input)
            let left = (try? FileManager.default.contentsOfDirectory(atPath: work)) ?? []
            say(left.isEmpty ? "end \(accepted)" : "litter \(left.joined(separator: " "))")
            for file in left { try? FileManager.default.removeItem(atPath: work + "/" + file) }
        }
    }

    /// How many of the ways to use the file worked.
    private func attempt(_ input: String) async -> Int {
        var accepted = 0
        if (try? await MediaProbe.probe(input)) != nil { accepted += 1 }
        let name = (input as NSString).lastPathComponent
        if name.contains("-still") || name.hasSuffix("gif") {
            if await renders(.still(file: input, motion: Motion(from: .whole, to: .whole))) { accepted += 1 }
        } else if name.contains("-speech") {
            if await renders(.plain(Colour(0)), narration: input) { accepted += 1 }
        }
        if !name.contains("-still"), !name.contains("-speech") {
            let clip = Clip(file: input, part: 0.1..<0.5, loops: true, framing: .fit)
            if await renders(.clip(clip)) { accepted += 1 }
        }
        return accepted
    }

    private func renders(_ source: Shot.Source, narration: String? = nil) async -> Bool {
        let video = folder + "/work/video.mp4"
        defer { try? FileManager.default.removeItem(atPath: video) }
        guard let size = FrameSize(width: 96, height: 64),
            let cut = try? Cut(
                size: size, frameRate: 10, shots: [Shot(source, frames: 0..<8)], hasProgressLine: false,
                sound: SoundTrack(narration: SoundTrack.Part(file: narration ?? silence, start: 0)),
                encoding: VideoEncoding(preference: .software, preset: .superfast, threads: 1))
        else { return false }
        return (try? await VideoRenderer(lanes: 1).render(cut, to: video)) != nil
    }
}
