import Foundation
import Media

/// The same video by one process of FFmpeg's own program, as its users would write it.
struct CommandLineRender {
    enum Result {
        /// With the encoder settings that we have.
        case video
        /// Without loss and without sound: what the others are compared with.
        case reference
    }

    let scene: RenderCase
    let set: RenderSet
    let cut: Cut

    /// How wide pictures are made before `zoompan` moves over them: it moves by whole pixels of them.
    private func sourceWidth(_ result: Result) -> Int { scene.size.width * (result == .video ? 2 : 4) }

    func arguments(_ result: Result, to path: String) throws -> [String] {
        let script = set.path("\(scene.name).ass")
        try Data(cut.overlayScript.utf8).write(to: URL(filePath: script))
        var arguments = ["ffmpeg", "-v", "error", "-nostdin", "-y"]
        for index in 0..<scene.shots {
            arguments += ["-i", scene.material == .stills ? set.still(index) : set.clip(index)]
        }
        var graph = (0..<scene.shots).map { shot($0, result) + "[c\($0)]" }
        var last = "c0"
        for index in 1..<scene.shots {
            let rate = Double(RenderCase.rate)
            let (length, offset) = (Double(RenderCase.transition) / rate, Double(scene.seen(index).lowerBound) / rate)
            graph.append("[\(last)][c\(index)]xfade=transition=fade:duration=\(length):offset=\(offset)[x\(index)]")
            last = "x\(index)"
        }
        graph.append("[\(last)]ass=\(script),format=yuv420p[v]")
        if result == .reference {
            return arguments + [
                "-filter_complex", graph.joined(separator: ";"), "-map", "[v]", "-frames:v", "\(cut.frameCount)",
                "-c:v", "libx264", "-preset", "ultrafast", "-qp", "0", path,
            ]
        }
        graph.append("[\(scene.shots):a]adelay=500,apad,aformat=channel_layouts=stereo[a]")
        let encoding = cut.encoding
        return arguments + [
            "-i", set.narration, "-filter_complex", graph.joined(separator: ";"), "-map", "[v]", "-map", "[a]", "-t",
            "\(scene.length)", "-c:v", "libx264", "-preset", encoding.preset.rawValue, "-crf", "\(encoding.quality)",
            "-profile:v", "high", "-maxrate", "\(encoding.peakBitRate)", "-bufsize",
            "\(encoding.peakBitRate * 3 / 2)", "-bf", "2", "-g", "15", "-keyint_min", "15", "-sc_threshold", "0",
            "-flags", "+cgop", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709",
            "-color_range", "tv", "-c:a", "aac", "-b:a", "\(encoding.audioBitRate)", "-ar", "48000",
            "-use_editlist", "0", "-movflags", "+faststart+negative_cts_offsets", path,
        ]
    }

    /// One shot, for all the frames it is seen.
    private func shot(_ index: Int, _ result: Result) -> String {
        let (size, frames) = (scene.size, scene.seen(index).count)
        let colours = "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv,settb=1/30"
        switch scene.material {
        case .stills:
            let growth = 1 - 1 / RenderCase.zoom
            // In YUV before it is moved: `zoompan` would do it for every frame.
            return
                "[\(index):v]crop='min(iw,ih*\(size.width)/\(size.height))':'min(ih,iw*\(size.height)/\(size.width))',"
                + "scale=\(sourceWidth(result)):-2:flags=bicubic:out_color_matrix=bt709:out_range=tv,format=yuv420p,"
                + "zoompan=z='1/(1-\(growth)*on/\(frames))':x='(iw-iw/zoom)/2':y='(ih-ih/zoom)/2':d=\(frames):"
                + "s=\(size.width)x\(size.height):fps=30,\(colours)"
        case .clips:
            return "[\(index):v]fps=30,trim=end_frame=\(frames),setpts=PTS-STARTPTS,"
                + "scale=\(size.width):\(size.height):force_original_aspect_ratio=increase:flags=bicubic,"
                + "crop=\(size.width):\(size.height),format=yuv420p,\(colours)"
        }
    }

    /// SSIM of all frames of `path`, against those of `reference`: 1 is the same.
    static func similarity(of path: String, to reference: String, in set: RenderSet) throws -> Double {
        let list = set.path("ssim-\(UUID().uuidString).txt")
        try set.ffmpeg(
            "-i", path, "-i", reference, "-lavfi", "[0:v][1:v]ssim=stats_file=\(list)", "-f", "null", "-")
        let values = try String(contentsOfFile: list, encoding: .utf8).split(separator: "\n").compactMap { line in
            line.split(separator: " ").first { $0.hasPrefix("All:") }.flatMap { Double($0.dropFirst(4)) }
        }
        return values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }
}
