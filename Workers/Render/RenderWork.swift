import Editing
import Fleet
import Foundation
import Ledger
import Media
import Production
import Stock
import Studio

/// The render stage: the video, its thumbnails, its captions, and the cut by which it was made.
struct RenderWork: StageWork {
    let stage = Production.Stage.render
    let illustrator: any Illustrator
    /// Nil where no library is switched on.
    var stock: StockShelf?
    let renderer: VideoRenderer
    let settings: FleetConfiguration.Render

    func perform(_ task: StageTask) async throws -> StageOutcome {
        let storyboard = try await task.value(Storyboard.self, of: .storyboard)
        let narration = try await task.value(Narration.self, of: .timings)
        let sound = try await task.file(.narration)
        let editor = try editor(for: task.assignment)
        let pieces = await JobPieces(task)
        let search = try await stock?.search(for: task)
        let maker = VideoMaker(
            editor: editor,
            gatherer: Gatherer(
                illustrator: illustrator, stock: search, subject: task.assignment.channel.name,
                folder: try await task.scratch.made(), store: pieces),
            renderer: renderer)
        let file = try await task.scratch.file("video.mp4")
        let video = try await maker.make(
            storyboard, narration, sound: sound.path(percentEncoded: false), to: file.path(percentEncoded: false),
            keeping: pieces
        ) { task.report(StageProgress($0)) }
        let (gathering, report) = (video.gathering, video.report)
        let captions = try await task.scratch.write(Data(video.subtitles.srt.utf8), to: "captions.srt")
        let webVTT = try await task.scratch.write(Data(video.subtitles.webVTT.utf8), to: "captions.vtt")
        let manifest = VideoManifest(
            width: report.width, height: report.height, frames: report.frames, duration: report.duration,
            chapters: video.cut.chapters.map { VideoManifest.Chapter(start: $0.start, title: $0.title) },
            stock: gathering.stockUses)
        // What is rendered is not lost over it.
        if search != nil { try? await forgetUses(of: task, but: gathering.stockUses) }
        var artifacts: [Artifact.Kind: Artifact] = [
            .video: try await task.keep(file), .captions: try await task.keep(captions),
            .webVTT: try await task.keep(webVTT), .cut: try await task.keep(video.namedCut, named: "cut.json"),
            .manifest: try await task.keep(manifest, named: "manifest.json"),
        ]
        for (kind, variant, shape) in Self.thumbnails {
            let thumbnail = try await task.scratch.file("\(kind.rawValue).jpg")
            do {
                try await Thumbnail(
                    picture: gathering.thumbnail, title: storyboard.title, palette: editor.colours,
                    fontFamily: editor.look.typeface ?? "Inter", shape: shape, variant: variant
                ).write(to: thumbnail.path(percentEncoded: false))
            } catch {
                throw StageFailure.of(error, asked: "draw the thumbnail")
            }
            artifacts[kind] = try await task.keep(thumbnail)
        }
        var notes = notes(of: report, gathering)
        if let search { notes.merge(await search.notes) { first, _ in first } }
        return .done(StageResult(artifacts: artifacts), provider: illustrator.provider, notes: notes)
    }

    /// An earlier attempt may have chosen for a storyboard that is no more.
    private func forgetUses(of task: StageTask, but shown: [StockUse]) async throws {
        let places = Set(shown.map(\.place))
        for use in try await task.ledger.uses(of: task.assignment.job) where !places.contains(use.place) {
            try await task.ledger.drop(use.place, of: task.assignment.job)
        }
    }

    /// Three to find out which is clicked, the first of which is shown, and one for players that stand upright.
    private static let thumbnails: [(Artifact.Kind, Thumbnail.Variant, Thumbnail.Shape)] = [
        (.thumbnail, .block, .horizontal), (.thumbnailB, .band, .horizontal), (.thumbnailC, .centre, .horizontal),
        (.thumbnailVertical, .block, .vertical),
    ]

    private func editor(for assignment: JobAssignment) throws -> Editor {
        let channel = assignment.channel
        let encoding = VideoEncoding(
            preference: settings.encoder == .automatic ? .automatic : .software,
            preset: VideoEncoding.Preset(rawValue: settings.preset.rawValue) ?? .veryfast)
        guard let format = CutFormat(channel.orientation, shortSide: settings.shortSide, encoding: encoding) else {
            throw StageFailure(
                .permanent, provider: .own, asked: "make the cut",
                answer: "render.short-side \(settings.shortSide) makes no frame")
        }
        return Editor(
            format: format, look: channel.look, palette: channel.palette, credit: channel.name,
            seed: Editor.seed(job: assignment.job.rawValue))
    }

    private func notes(of report: RenderReport, _ gathering: Gathering) -> [String: String] {
        var notes = [
            "encoder": report.encoder, "size": "\(report.width)x\(report.height)", "frames": "\(report.frames)",
            "seconds": report.duration.formatted(decimals: 2), "speed": report.renderSpeed.formatted(decimals: 2),
        ]
        if let loudness = report.integratedLoudness { notes["loudness_lufs"] = loudness.formatted(decimals: 1) }
        if let peak = report.truePeak { notes["true_peak_dbtp"] = peak.formatted(decimals: 1) }
        if !report.refusals.isEmpty { notes["refused"] = report.refusals.map(\.description).joined(separator: "; ") }
        if report.framesKept > 0 { notes["frames_kept"] = "\(report.framesKept)" }
        if let failure = report.keepFailure { notes["not_kept"] = failure }
        if !gathering.leftOut.isEmpty { notes["left_out"] = gathering.leftOut.joined(separator: "; ") }
        return notes
    }
}

extension StageProgress {
    /// Pictures are a tenth of the work at most, whatever is done in the end the rest.
    fileprivate init(_ progress: VideoMaker.Progress) {
        switch progress {
        case .pictures(let done, let count):
            self.init(fraction: 0.1 * Double(done) / Double(count), detail: "picture \(done) of \(count)")
        case .frames(let progress):
            let speed = progress.speed.formatted(decimals: 1)
            self.init(
                fraction: 0.1 + 0.88 * progress.fraction,
                detail: "frame \(progress.framesDone) of \(progress.framesTotal), \(speed)× realtime")
        }
    }
}
