import Fleet
import FoundationEssentials
import Ledger
import Production

/// What stands for the real thing on the stage: artifacts of the right kinds, a few hundred bytes each.
///
/// The storyboard is the same at every attempt. Sound and video name their attempt, so that a test can tell whose result
/// was kept; and each is made only from what the earlier stage's artifacts say, read from the store with their hash.
struct Prop {
    private let task: StageTask

    init(_ task: StageTask) { self.task = task }

    private var job: Job.ID { task.assignment.job }

    func script() async throws -> StageResult {
        let text = "Job \(job) is rehearsed, nothing of it is real."
        let storyboard = Storyboard(
            title: "Rehearsal of job \(job)", description: text, tags: ["rehearsal"],
            language: task.assignment.channel.language,
            source: .init(key: "rehearsal \(job)", title: "Rehearsal", link: nil, author: nil),
            scenes: [.init(kind: .body, narration: text, heading: "", picture: PictureBrief(about: "rehearsal"))])
        return StageResult(
            artifacts: [.storyboard: try await task.keep(storyboard, named: "storyboard.json")],
            title: storyboard.title, channel: task.assignment.channel.id, usedItem: storyboard.source.key)
    }

    func voice() async throws -> StageResult {
        let storyboard = try await task.value(Storyboard.self, of: .storyboard)
        let words = storyboard.scenes.enumerated().flatMap { index, scene in
            spokenTokens(of: scene.narration).map { (String($0), index) }
        }
        let narration = Narration(
            voice: "rehearsal", duration: Double(words.count), scenes: [.init(start: 0, end: Double(words.count))],
            words: words.enumerated().map { index, word in
                .init(text: word.0, scene: word.1, start: Double(index), end: Double(index + 1))
            })
        return StageResult(artifacts: [
            .narration: try await keep("narration", to: "narration.wav"),
            .timings: try await task.keep(narration, named: "timings.json"),
        ])
    }

    /// - Parameter videoBytes: the video is at least as large.
    func render(videoBytes: Int) async throws -> StageResult {
        let narration = try await task.value(Narration.self, of: .timings)
        _ = try await task.file(.narration)
        let manifest = VideoManifest(
            width: 320, height: 180, frames: 30 * narration.words.count, duration: narration.duration)
        return StageResult(artifacts: [
            .video: try await keep("video", to: "video.mp4", bytes: videoBytes),
            // An image's first two bytes and last two, between which nobody looks.
            .thumbnail: try await keep("thumbnail", to: "thumbnail.jpg", between: ([0xFF, 0xD8], [0xFF, 0xD9])),
            .captions: try await keep("captions", to: "captions.srt"),
            .manifest: try await task.keep(manifest, named: "manifest.json"),
        ])
    }

    private func keep(
        _ what: String, to name: String, bytes: Int = 0, between ends: ([UInt8], [UInt8]) = ([], [])
    ) async throws -> Artifact {
        let text = "rehearsed \(what) of job \(job) by attempt \(task.attempt.id) under fence \(task.attempt.fence)\n"
        var contents = Data(text.utf8)
        if contents.count < bytes { contents.append(Data(repeating: 0x2E, count: bytes - contents.count)) }
        return try await task.keep(task.scratch.write(Data(ends.0) + contents + Data(ends.1), to: name))
    }
}
