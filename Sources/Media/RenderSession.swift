import CFFmpeg
import Foundation

/// One render, from measuring the narration to the last byte. All of it blocks and runs on one thread.
struct RenderSession {
    let plan: RenderPlan
    let ladder: EncoderLadder
    let flag: CancellationFlag
    let progress: @Sendable (RenderProgress) -> Void

    /// Writes the whole video to `path`.
    func run(to path: String) throws(MediaError) -> RenderReport {
        let (started, cpu) = (ContinuousClock.now, Self.processorSeconds())
        let loudness = try Loudness.find(plan.narration, flag: flag)
        let frameCount = RenderPlan.frameCount(
            leadIn: plan.leadIn, narration: loudness.duration, tail: plan.tail, frameRate: plan.frameRate)
        guard let last = plan.scenes.last, last.frames.lowerBound < frameCount else {
            throw MediaError(
                .invalid, "render", file: plan.narration,
                reason: "the video ends after \(frameCount) frames, before its last scene begins")
        }
        let duration = Double(frameCount) / Double(plan.frameRate)
        let compositor = try SceneCompositor(
            plan, frameCount: frameCount,
            titleFrames: Int(OverlayScript.titleDuration(plan, duration: duration) * Double(plan.frameRate)),
            flag: flag)
        let overlay = try TextOverlay(
            OverlayScript(plan, palette: TextOverlay.palette(for: plan.palette), duration: duration).text,
            size: plan.size, frameRate: plan.frameRate)

        let file = try OutputFile(path, format: "mp4", flag: flag)
        let encoders = VideoEncoders(
            encoding: plan.encoding, size: plan.size, frameRate: plan.frameRate,
            wantsGlobalHeaders: file.wantsGlobalHeaders)
        let (video, refusals) = try ladder.open(encoders)
        let audio = try SoundEncoder(plan, loudness: loudness, frameCount: frameCount, file: file, flag: flag)
        let stream = try file.add(video, frameRate: AVRational(num: Int32(plan.frameRate), den: 1))
        try audio.addStream(to: file)
        // Without edit lists both streams must begin at 0 by themselves: B-frames by negative composition offsets, AAC by
        // the cut in `SoundEncoder`.
        try file.begin(options: ["movflags": "+faststart+negative_cts_offsets", "use_editlist": "0"])

        var reported = started
        for number in 0..<frameCount {
            try flag.check("render")
            let frame = try compositor.frame(number)
            try overlay.write(on: frame)
            frame.time = Int64(number)
            // The encoder decides which frames are key frames.
            frame.pointer.pointee.pict_type = AV_PICTURE_TYPE_NONE
            try video.send(frame)
            try file.write(from: video, to: stream)
            try audio.write(until: Double(number + 1) / Double(plan.frameRate), to: file)
            let now = ContinuousClock.now
            if now - reported > .milliseconds(500) || number + 1 == frameCount {
                reported = now
                report(number + 1, of: frameCount, since: started)
            }
        }
        try video.send(nil)
        try file.write(from: video, to: stream)
        try audio.write(until: .infinity, to: file)
        try file.finish()
        try flag.check("render")

        return RenderReport(
            encoder: video.name, refusals: refusals, frames: frameCount, width: plan.size.width,
            height: plan.size.height, duration: duration, integratedLoudness: loudness.integrated,
            truePeak: loudness.truePeak, cpuSeconds: Self.processorSeconds() - cpu,
            wallSeconds: (ContinuousClock.now - started) / .seconds(1), bytes: try Self.size(of: path))
    }

    private func report(_ done: Int, of total: Int, since started: ContinuousClock.Instant) {
        let seconds = (ContinuousClock.now - started) / .seconds(1)
        progress(
            RenderProgress(
                framesDone: done, framesTotal: total,
                speed: seconds > 0 ? Double(done) / Double(plan.frameRate) / seconds : 0))
    }

    private static func size(of path: String) throws(MediaError) -> Int64 {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw MediaError(.unwritable, "measure", file: path, reason: String(cString: strerror(errno)))
        }
        return Int64(status.st_size)
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
