package import Editing
import Foundation
package import Media
package import Production

/// Makes a video of a story and its narration: gathers the material, makes the cut, renders it.
package struct VideoMaker: Sendable {
    package let editor: Editor
    package let gatherer: Gatherer
    package let renderer: VideoRenderer

    package init(editor: Editor, gatherer: Gatherer, renderer: VideoRenderer) {
        (self.editor, self.gatherer, self.renderer) = (editor, gatherer, renderer)
    }

    package struct Video: Sendable {
        package let cut: Cut
        /// The same with names for the files that are gone by the time it is shown.
        package let namedCut: Cut
        package let gathering: Gathering
        package let report: RenderReport
        /// What is said, for files of subtitles.
        package let subtitles: Captions
    }

    package enum Progress: Sendable {
        /// So many of the scenes' pictures are there.
        case pictures(Int, of: Int)
        case frames(RenderProgress)
    }

    /// Renders into the file `path`. A picture or film of the channel's own, or of a stock library, that turns out to be damaged on
    /// the way is left out, as one that is not there, and the video is made without it.
    ///
    /// - Throws: `StageFailure`, or `CancellationError`.
    package func make(
        _ storyboard: Storyboard, _ narration: Narration, sound: String, to path: String,
        keeping store: (any SegmentStore)? = nil, progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) async throws -> Video {
        var unusable: [String: String] = [:]
        while true {
            let gathering = try await gatherer.gather(
                for: storyboard, editor: editor, narration: sound, spoken: narration.scenes, unusable: unusable
            ) { progress(.pictures($0, of: $1)) }
            let (cut, named): (Cut, Cut)
            do {
                cut = try editor.cut(storyboard, narration, gathering.material)
                named = try editor.cut(storyboard, narration, gathering.named)
            } catch {
                throw StageFailure(.permanent, provider: .own, asked: "make the cut", answer: error.reason)
            }
            do {
                let report = try await renderer.render(cut, to: path, keeping: store) { progress(.frames($0)) }
                return Video(
                    cut: cut, namedCut: named, gathering: gathering, report: report,
                    subtitles: editor.subtitles(narration, gathering.material))
            } catch {
                guard error.code == .damaged || error.code == .unsupported, let file = error.file else {
                    throw StageFailure.of(error, asked: "render the video")
                }
                if let stock = gatherer.stock, let uses = gathering.stock[file] {
                    for use in uses { try await stock.refuse(use, because: "\(error)") }
                } else if gathering.own.contains(file), unusable[file] == nil {
                    unusable[file] = "\(error)"
                } else {
                    throw StageFailure.of(error, asked: "render the video")
                }
            }
        }
    }
}
