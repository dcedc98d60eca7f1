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
        _ script: String, size: FrameSize, frameRate: Int = 1, format: AVPixelFormat = AV_PIX_FMT_YUV420P,
        matrix: String = "bt709",
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
            source = try graph.addPictureSource(
                size, format: format, matrix: matrix, frameRate: frameRate)
            let ass = try graph.add("ass", ["filename": file.path(percentEncoded: false), "shaping": "complex"])
            let result = try graph.add("format", ["pix_fmts": String(cString: av_get_pix_fmt_name(format))])
            sink = try graph.add("buffersink")
            try graph.chain([source, ass, result, sink])
        } catch {
            try? FileManager.default.removeItem(at: folder)
            throw error
        }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// The colours to write into a script so that these come out. Before FFmpeg 7, whose `buffer` source first knew of
    /// colour spaces, the filter turns every colour into Y'CbCr by BT.601, whatever the frame is.
    static func palette(for wanted: Cut.Palette) -> Cut.Palette {
        var kind: UnsafePointer<AVClass>? = avfilter_get_by_name("buffer")?.pointee.priv_class
        guard av_opt_find(&kind, "colorspace", nil, 0, AV_OPT_SEARCH_FAKE_OBJ) == nil else { return wanted }
        return Cut.Palette(
            accent: wanted.accent.looksLikeItInBT601, background: wanted.background.looksLikeItInBT601,
            text: wanted.text.looksLikeItInBT601)
    }

    /// Takes the frame's samples over, and gives it back with text on it.
    func write(on frame: Frame) throws(MediaError) {
        try graph.push(frame, into: source)
        guard try graph.pull(from: sink, into: frame) else {
            throw MediaError(.failed, "write text on frame", reason: "the filter kept it")
        }
    }
}
