import Foundation
import Media

/// Our renderer beside one process of FFmpeg's program, which makes the same picture with the same encoder and settings.
struct RenderVersusFFmpeg: Benchmark {
    let name = "render.vs_ffmpeg"
    let about = """
        seconds for a video, ours / one ffmpeg process; its similarity (SSIM) to the same frames without loss; bytes; \
        CPU seconds; the most MB in memory
        """

    /// The long ones are measured once, and their pictures are not compared: they are more of the same.
    private static let cases = [
        RenderCase(material: .stills, length: 30, size: .horizontal),
        RenderCase(material: .stills, length: 30, size: .vertical),
        RenderCase(material: .clips, length: 30, size: .horizontal),
        RenderCase(material: .clips, length: 30, size: .vertical),
        RenderCase(material: .stills, length: 180, size: .horizontal),
        RenderCase(material: .clips, length: 180, size: .vertical),
    ]

    var figures: [String] {
        Self.cases.flatMap { scene in
            let measured = ["vs_ffmpeg", "bytes", "cpu_seconds", "rss_mb"] + (scene.length == 30 ? ["ssim"] : [])
            return measured.map { "render.\($0).\(scene.name)" }
        }
    }

    func run(only: String?) async throws -> [Figure] {
        let set = try RenderSet()
        var figures: [Figure] = []
        for scene in Self.cases where only.map({ $0 == name || $0.hasSuffix(".\(scene.name)") }) ?? true {
            Progress.say("render.vs_ffmpeg.\(scene.name): making its material")
            try set.make(scene.material)
            figures += try measure(scene, set)
        }
        return figures
    }

    func run() async throws -> [Figure] { try await run(only: nil) }

    private func measure(_ scene: RenderCase, _ set: RenderSet) throws -> [Figure] {
        let cut = try scene.cut(set)
        let (ours, theirs) = (set.path("ours.mp4"), set.path("theirs.mp4"))
        let rival = CommandLineRender(scene: scene, set: set, cut: cut)
        var (mine, other): ([ChildProcess.Cost], [ChildProcess.Cost]) = ([], [])
        for round in 0..<(scene.length == 30 ? 3 : 1) {
            Progress.say("render.vs_ffmpeg.\(scene.name): round \(round + 1), ffmpeg")
            other.append(try ChildProcess.run(rival.arguments(.video, to: theirs)))
            Progress.say("render.vs_ffmpeg.\(scene.name): round \(round + 1), ours")
            mine.append(try OurRender.run(cut, in: set, to: ours))
        }
        func figure(_ what: String, _ value: (ChildProcess.Cost) -> Double) -> Figure {
            Figure(
                name: "render.\(what).\(scene.name)", ours: Timing.median(mine.map(value)),
                reference: Timing.median(other.map(value)))
        }
        var figures = [
            figure("vs_ffmpeg", \.wall), figure("cpu_seconds", \.cpu), figure("rss_mb", \.resident),
            Figure(name: "render.bytes.\(scene.name)", ours: Self.size(ours), reference: Self.size(theirs)),
        ]
        if scene.length == 30 {
            Progress.say("render.ssim.\(scene.name): the reference, and both beside it")
            let reference = set.path("reference.mkv")
            try ChildProcess.run(rival.arguments(.reference, to: reference))
            figures.append(
                Figure(
                    name: "render.ssim.\(scene.name)",
                    ours: try CommandLineRender.similarity(of: ours, to: reference, in: set),
                    reference: try CommandLineRender.similarity(of: theirs, to: reference, in: set)))
        }
        return figures
    }

    private static func size(_ path: String) -> Double {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.size] as? NSNumber)?.doubleValue ?? 0
    }
}
