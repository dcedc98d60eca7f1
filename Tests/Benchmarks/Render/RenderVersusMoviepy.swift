import Foundation
import Media

/// Our renderer beside moviepy, which most video robots are built on.
struct RenderVersusMoviepy: Benchmark {
    let name = "render.vs_moviepy"
    let about = "seconds for 30 s of stills with captions, 1080p, ours / moviepy 2 with the same encoder settings"

    private static let package = "moviepy==2.2.1"

    func run() async throws -> [Figure] {
        let set = try RenderSet()
        let scene = RenderCase(material: .stills, length: 30, size: .horizontal)
        try set.make(scene.material)
        let cut = try scene.cut(set)
        let python = try provide(in: set)
        Progress.say("render.vs_moviepy: ours")
        let ours = try OurRender.run(cut, in: set, to: set.path("ours.mp4"))
        Progress.say("render.vs_moviepy: moviepy, which takes some minutes")
        let script = set.path("render.py")
        try Data(program(cut, set).utf8).write(to: URL(filePath: script))
        let theirs = try ChildProcess.run(python, script)
        return [
            Figure(name: name, ours: ours.wall, reference: theirs.wall),
            Figure(name: "render.rss_mb.moviepy", ours: ours.resident, reference: theirs.resident),
        ]
    }

    /// A Python with moviepy in it, for this measurement only.
    private func provide(in set: RenderSet) throws -> String {
        Progress.say("render.vs_moviepy: installing \(Self.package) into a virtual environment")
        let environment = set.path("venv")
        try ChildProcess.run("python3", "-m", "venv", environment)
        try ChildProcess.run("\(environment)/bin/pip", "install", "--quiet", Self.package)
        return "\(environment)/bin/python"
    }

    /// The same video as moviepy's users write it: a zoomed still for each shot, dissolves, one text clip for each caption.
    private func program(_ cut: Cut, _ set: RenderSet) throws -> String {
        let font = try ChildProcess.text(["fc-match", "-f", "%{file}", "\(cut.typeface):bold"])
        let captions = cut.captions.pages.map { page in
            "(\(page.start), \(page.end), \(quoted(page.text.joined(separator: "\n"))))"
        }
        let shots = cut.shots.indices.map { index -> String in
            let scene = RenderCase(material: .stills, length: cut.frameCount / cut.frameRate, size: cut.size)
            let frames = scene.seen(index)
            return "(\(quoted(set.still(index))), \(frames.lowerBound) / 30, \(frames.count) / 30)"
        }
        return """
            from moviepy import AudioFileClip, CompositeVideoClip, ImageClip, TextClip, vfx
            W, H, ZOOM, FADE = \(cut.size.width), \(cut.size.height), \(RenderCase.zoom), \(RenderCase.transition) / 30
            clips = []
            for index, (file, start, length) in enumerate([\(shots.joined(separator: ", "))]):
                clip = ImageClip(file).resized((W, H)).with_duration(length)
                clip = clip.resized(lambda t, length=length: 1 / (1 - (1 - 1 / ZOOM) * t / length)).with_position("center")
                clip = CompositeVideoClip([clip], size=(W, H)).with_duration(length).with_start(start)
                clips.append(clip.with_effects([vfx.CrossFadeIn(FADE)]) if index else clip)
            for start, end, text in [\(captions.joined(separator: ", "))]:
                words = TextClip(font=\(quoted(font)), text=text, font_size=56, color="white", stroke_color="black",
                                 stroke_width=3, text_align="center", margin=(8, 16))
                clips.append(words.with_start(start).with_duration(end - start).with_position(("center", H * 0.8)))
            sound = AudioFileClip(\(quoted(set.narration))).subclipped(0, \(cut.duration) - 0.5).with_start(0.5)
            video = CompositeVideoClip(clips, size=(W, H)).with_duration(\(cut.duration)).with_audio(sound)
            video.write_videofile(\(quoted(set.path("moviepy.mp4"))), fps=\(cut.frameRate), codec="libx264", preset="veryfast", audio_codec="aac",
                                  ffmpeg_params=["-crf", "\(cut.encoding.quality)", "-g", "15", "-bf", "2"], logger=None,
                                  temp_audiofile_path=\(quoted(set.folder.path(percentEncoded: false))))
            """
    }

    /// A string literal of Python: JSON's is one.
    private func quoted(_ text: String) -> String {
        (try? JSONEncoder().encode(text)).map { String(decoding: $0, as: UTF8.self).replacing("\\/", with: "/") }
            ?? "\"\""
    }
}
