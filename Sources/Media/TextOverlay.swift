import CFFmpeg
import Foundation

/// Writes an ``OverlayScript`` onto frames, with libass.
final class TextOverlay {
    private let graph: FilterGraph
    private let source: FilterGraph.Filter
    private let sink: FilterGraph.Filter
    private let folder: URL

    /// The script lies in a folder of its own below `temporaryFolder` as long as this lives.
    init(
        _ script: String, size: FrameSize, frameRate: Int,
        temporaryFolder: URL = FileManager.default.temporaryDirectory
    ) throws(MediaError) {
        folder = temporaryFolder.appending(path: "media-\(UUID().uuidString)", directoryHint: .isDirectory)
        let file = folder.appending(path: "overlay.ass")
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(script.utf8).write(to: file)
        } catch {
            throw MediaError(
                .unwritable, "write overlay script", file: file.path(percentEncoded: false), reason: "\(error)")
        }
        do {
            graph = try FilterGraph()
            source = try graph.add(
                "buffer",
                [
                    "video_size": "\(size.width)x\(size.height)", "pix_fmt": "yuv420p", "time_base": "1/\(frameRate)",
                    "frame_rate": "\(frameRate)/1", "pixel_aspect": "1/1",
                ],
                // Since FFmpeg 7 a source says so in advance.
                optional: ["colorspace": "bt709", "range": "tv"])
            let ass = try graph.add("ass", ["filename": file.path(percentEncoded: false), "shaping": "complex"])
            let format = try graph.add("format", ["pix_fmts": "yuv420p"])
            sink = try graph.add("buffersink")
            try graph.chain([source, ass, format, sink])
        } catch {
            try? FileManager.default.removeItem(at: folder)
            throw error
        }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Takes the frame's samples over, and gives it back with text on it.
    func write(on frame: Frame) throws(MediaError) {
        try graph.push(frame, into: source)
        guard try graph.pull(from: sink, into: frame) else {
            throw MediaError(.failed, "write text on frame", reason: "the filter kept it")
        }
    }
}
