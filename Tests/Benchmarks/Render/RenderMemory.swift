import Media

/// The most memory a render of our own takes, beside what we want: with a piece for each processor, and with one at a time.
struct RenderMemory: Benchmark {
    let name = "render.memory"
    let figures = ["render.rss_parallel_mb", "render.rss_single_mb"]
    let about = "the most MB in memory while a 30 s video is rendered, two pieces at a time and one / what we want"

    func run() async throws -> [Figure] {
        let set = try RenderSet()
        let scene = RenderCase(material: .stills, length: 30, size: .horizontal)
        try set.make(scene.material)
        let cut = try scene.cut(set)
        let video = set.path("video.mp4")
        return [
            Figure(
                name: "render.rss_parallel_mb", ours: try OurRender.run(cut, in: set, to: video, lanes: 2).resident,
                reference: 650),
            Figure(
                name: "render.rss_single_mb", ours: try OurRender.run(cut, in: set, to: video, lanes: 1).resident,
                reference: 450),
        ]
    }
}
