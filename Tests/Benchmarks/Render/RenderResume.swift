import Foundation
import Media

/// A render that is killed at nine tenths, and the one that goes on from what it has left.
struct RenderResume: Benchmark {
    let name = "render.resume"
    let figures = ["render.resume_wall", "render.resume_cpu"]
    let about = "seconds of the render after a kill at 90 % / of a whole one"

    func run() async throws -> [Figure] {
        let set = try RenderSet()
        let scene = RenderCase(material: .stills, length: 30, size: .horizontal)
        try set.make(scene.material)
        let cut = try scene.cut(set)
        let (video, store) = (set.path("video.mp4"), set.path("store"))

        Progress.say("render.resume: a whole render")
        let whole = try OurRender.run(cut, in: set, to: video)
        Progress.say("render.resume: one that is killed")
        let killed = try OurRender.start(cut, in: set, to: video, keep: store)
        var isKilled = false
        killed.lines { line in
            guard !isKilled, let done = Int(line), done * 10 >= cut.frameCount * 9 else { return }
            killed.kill()
            isKilled = true
        }
        _ = killed.wait()
        guard isKilled else { throw ChildProcess.Failure(program: "the render to be killed", status: 0) }
        Progress.say("render.resume: one that goes on")
        let child = try OurRender.start(cut, in: set, to: video, keep: store)
        child.lines { line in
            if line.hasPrefix("kept") { Progress.say("render.resume: \(line) of \(cut.frameCount) frames") }
        }
        let resumed = child.wait()
        guard resumed.status == 0 else { throw ChildProcess.Failure(program: "our render", status: resumed.status) }
        return [
            Figure(name: "render.resume_wall", ours: resumed.wall, reference: whole.wall),
            Figure(name: "render.resume_cpu", ours: resumed.cpu, reference: whole.cpu),
        ]
    }
}
