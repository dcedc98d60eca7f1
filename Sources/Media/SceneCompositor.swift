import CFFmpeg

/// Draws the moving pictures of a video, one frame after the other: motion, cross-fades, the shade behind words and the
/// progress line. What is written comes on top of it, later.
final class SceneCompositor {
    private let plan: RenderPlan
    private let frameCount: Int
    private let shade: Shade
    private let flag: CancellationFlag
    private let pool: FramePool
    /// By scene. At most two: the one shown and the one that fades in.
    private var pictures: [Int: MovingPicture] = [:]
    private var scene = 0

    init(_ plan: RenderPlan, frameCount: Int, titleFrames: Int, flag: CancellationFlag) throws(MediaError) {
        (self.plan, self.frameCount, self.flag) = (plan, frameCount, flag)
        shade = Shade(plan: plan, frameCount: frameCount, titleFrames: titleFrames)
        pool = try FramePool(plan.size)
    }

    /// Frame `number`. They are asked for in rising order.
    func frame(_ number: Int) throws(MediaError) -> Frame {
        while number >= end(of: scene) {
            pictures[scene] = nil
            scene += 1
        }
        let frame = try pool.frame()
        try draw(scene, at: number, into: frame)
        // A cross-fade lies on both sides of the cut: before it this scene is the old one, after it the new one.
        let (toCut, sinceCut) = (end(of: scene) - number, number - start(of: scene))
        if scene + 1 < plan.scenes.count, toCut <= halfFade(before: scene + 1) {
            let half = halfFade(before: scene + 1)
            try blend(scene + 1, at: number, share: ease(Double(half - toCut) + 0.5, of: 2 * half), into: frame)
        } else if scene > 0, sinceCut < halfFade(before: scene) {
            let half = halfFade(before: scene)
            try blend(scene - 1, at: number, share: 1 - ease(Double(half + sinceCut) + 0.5, of: 2 * half), into: frame)
        } else if scene > 0 {
            pictures[scene - 1] = nil
        }
        shade.apply(to: frame, number: number)
        frame.time = Int64(number)
        return frame
    }

    private func start(of scene: Int) -> Int { plan.scenes[scene].frames.lowerBound }

    private func end(of scene: Int) -> Int {
        scene == plan.scenes.count - 1 ? frameCount : plan.scenes[scene].frames.upperBound
    }

    /// Frames of the cross-fade on each side of the cut before `scene`: a quarter second, less where a scene is short.
    private func halfFade(before scene: Int) -> Int {
        guard scene > 0, scene < plan.scenes.count else { return 0 }
        let shortest = min(end(of: scene) - start(of: scene), end(of: scene - 1) - start(of: scene - 1))
        return min(plan.frameRate / 4, shortest / 3)
    }

    private func ease(_ position: Double, of length: Int) -> Double {
        let share = min(max(position / Double(length), 0), 1)
        return share * share * (3 - 2 * share)
    }

    private func draw(_ scene: Int, at number: Int, into frame: Frame) throws(MediaError) {
        let first = start(of: scene) - halfFade(before: scene)
        let length = end(of: scene) + halfFade(before: scene + 1) - first
        try picture(of: scene, frames: length).draw(at: Double(number - first) / Double(length), into: frame)
    }

    private func blend(_ other: Int, at number: Int, share: Double, into frame: Frame) throws(MediaError) {
        let overlay = try pool.frame()
        try draw(other, at: number, into: overlay)
        for index in 0..<3 {
            guard let source = overlay.plane(index), let target = frame.plane(index) else { continue }
            yt_blend(
                target.samples, target.stride, source.samples, source.stride, Int32(target.width),
                Int32(target.height), Int32((share * 256).rounded()))
        }
    }

    private func picture(of scene: Int, frames: Int) throws(MediaError) -> MovingPicture {
        if let picture = pictures[scene] { return picture }
        let motion = Motion(
            seed: plan.scenes[scene].motionSeed, duration: Double(frames) / Double(plan.frameRate))
        let picture = try MovingPicture(plan.scenes[scene].picture, size: plan.size, motion: motion, flag: flag)
        pictures[scene] = picture
        return picture
    }
}
