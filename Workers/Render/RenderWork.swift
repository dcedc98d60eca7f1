import Fleet
import Foundation
import Ledger
import Media
import Production

/// The render stage: the video, its thumbnail and its captions.
struct RenderWork: StageWork {
    let stage = Production.Stage.render
    let illustrator: any Illustrator
    let renderer: VideoRenderer
    let settings: FleetConfiguration.Render

    func perform(_ task: StageTask) async throws -> StageOutcome {
        let storyboard = try await task.value(Storyboard.self, of: .storyboard)
        let narration = try await task.value(Narration.self, of: .timings)
        let sound = try await task.file(.narration)
        let layout = try VideoLayout(storyboard, narration, channel: task.assignment.channel, settings: settings)

        let pictures = try await drawPictures(storyboard, layout, task)
        let cut = try layout.cut(
            title: storyboard.title, job: task.assignment.job, pictures: pictures, sound: sound)
        let video = try await task.scratch.file("video.mp4")
        let report: RenderReport
        do {
            report = try await renderer.render(cut, to: video.path(percentEncoded: false)) { progress in
                let speed = progress.speed.formatted(decimals: 1)
                task.report(
                    StageProgress(
                        fraction: 0.1 + 0.88 * progress.fraction,
                        detail: "frame \(progress.framesDone) of \(progress.framesTotal), \(speed)× realtime"))
            }
        } catch {
            throw failure(of: error, asked: "render the video")
        }
        let thumbnail = try await task.scratch.file("thumbnail.jpg")
        do {
            try await Thumbnail(
                picture: pictures[0].path(percentEncoded: false), title: storyboard.title, palette: layout.palette
            ).write(to: thumbnail.path(percentEncoded: false))
        } catch {
            throw failure(of: error, asked: "draw the thumbnail")
        }
        let captions = try await task.scratch.write(
            Data(cut.captions.srt.utf8), to: "captions.srt")

        let result = StageResult(
            artifacts: [
                .video: try await task.keep(video), .thumbnail: try await task.keep(thumbnail),
                .captions: try await task.keep(captions),
                .manifest: try await task.keep(
                    VideoManifest(
                        width: report.width, height: report.height, frames: report.frames, duration: report.duration),
                    named: "manifest.json"),
            ])
        return .done(result, provider: illustrator.provider, notes: notes(of: report))
    }

    /// A picture for each scene, larger than the frame, so that it can move without losing sharpness.
    private func drawPictures(_ storyboard: Storyboard, _ layout: VideoLayout, _ task: StageTask) async throws -> [URL]
    {
        var pictures: [URL] = []
        for (index, scene) in storyboard.scenes.enumerated() {
            let file = try await task.scratch.file("scene-\(index).png")
            let seed = layout.seed(job: task.assignment.job, scene: index)
            try await draw(scene.picture, layout, palette: task.assignment.channel.palette, seed: seed, to: file)
            pictures.append(file)
            let count = storyboard.scenes.count
            task.report(
                StageProgress(
                    fraction: 0.1 * Double(index + 1) / Double(count), detail: "picture \(index + 1) of \(count)"))
        }
        return pictures
    }

    private func draw(
        _ brief: PictureBrief, _ layout: VideoLayout, palette: Palette, seed: UInt64, to file: URL
    ) async throws {
        do {
            try await illustrator.illustrate(
                brief, palette: palette, width: layout.pictureWidth, height: layout.pictureHeight, seed: seed, to: file)
        } catch {
            // The channel's own picture can't be used: the scene gets one of ours, and the video is made.
            guard brief.file != nil, error.kind == .permanent else { throw error }
            try await draw(PictureBrief(about: brief.about), layout, palette: palette, seed: seed, to: file)
        }
    }

    private func failure(of error: MediaError, asked: String) -> any Error {
        switch error.code {
        case .cancelled: CancellationError()
        case .invalid, .damaged, .unsupported:
            StageFailure(.permanent, provider: "ffmpeg", asked: asked, answer: error.description)
        case .unreadable, .unwritable, .failed:
            StageFailure(.transient(), provider: "ffmpeg", asked: asked, answer: error.description)
        }
    }

    private func notes(of report: RenderReport) -> [String: String] {
        var notes = [
            "encoder": report.encoder, "size": "\(report.width)x\(report.height)", "frames": "\(report.frames)",
            "seconds": report.duration.formatted(decimals: 2), "speed": report.renderSpeed.formatted(decimals: 2),
        ]
        if let loudness = report.integratedLoudness { notes["loudness_lufs"] = loudness.formatted(decimals: 1) }
        if let peak = report.truePeak { notes["true_peak_dbtp"] = peak.formatted(decimals: 1) }
        if !report.refusals.isEmpty { notes["refused"] = report.refusals.map(\.description).joined(separator: "; ") }
        return notes
    }
}
