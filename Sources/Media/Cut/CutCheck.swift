/// What is wrong with a cut.
struct CutCheck {
    private let cut: Cut

    /// Seconds: twelve hours, as long as a video on YouTube may be.
    private static let longest = 12.0 * 3600
    /// Seconds of a film: a week, more than any has, and far from what rounds badly.
    private static let longestFilm = 7.0 * 86_400
    /// How much larger one window of a motion may be than the other. The sampler takes steps below two samples of a picture that
    /// has one and a half for each of the closest window's pixels.
    private static let greatestZoom = 1.3
    /// Of a picture's width or height that a window shows at least.
    private static let leastWindow = 0.01

    init(_ cut: Cut) { self.cut = cut }

    /// The first value that can't be drawn, in words; nil: all can.
    var problem: String? {
        guard (1...60).contains(cut.frameRate) else { return "the frame rate is 1 to 60, not \(cut.frameRate)" }
        guard cut.fadeIn >= 0, cut.fadeOut >= 0 else { return "a fade takes no fewer than 0 frames" }
        guard cut.frameCount <= Int(Self.longest) * cut.frameRate else {
            return "a video lasts at most \(Int(Self.longest / 3600)) hours"
        }
        return problemOfShots ?? problemOfTitles ?? problemOfCaptions ?? problemOfLogo ?? problemOfSound
    }

    private var problemOfShots: String? {
        guard cut.shots.first?.frames.lowerBound == 0 else { return "the first shot does not start at frame 0" }
        for (index, shot) in cut.shots.enumerated() {
            guard !shot.frames.isEmpty else { return "shot \(index) has no frames" }
            if let problem = problem(of: shot.source) { return "shot \(index): \(problem)" }
            guard index > 0 else { continue }
            let before = cut.shots[index - 1]
            guard before.frames.upperBound == shot.frames.lowerBound else {
                return "shot \(index) starts at frame \(shot.frames.lowerBound), not where the one before it ends"
            }
            let frames = shot.transition.frames
            guard frames >= 0, frames.isMultiple(of: 2), (frames == 0) == (shot.transition.kind == .cut) else {
                return
                    "the transition into shot \(index) takes \(frames) frames; a cut takes none, others an even number"
            }
            // Two transitions never meet: no frame shows three shots.
            let after = index + 1 < cut.shots.count ? cut.shots[index + 1].transition.frames / 2 : 0
            guard frames / 2 + after <= shot.frames.count, index > 1 || frames / 2 <= before.frames.count else {
                return "shot \(index) has \(shot.frames.count) frames, too few for the transitions on both sides"
            }
        }
        return nil
    }

    private func problem(of source: Shot.Source) -> String? {
        switch source {
        case .still(let file, let motion):
            if file.isEmpty { return "the picture has no path" }
            guard motion.start.isInside, motion.end.isInside else { return "the motion leaves the picture" }
            for (start, end) in [(motion.start.width, motion.end.width), (motion.start.height, motion.end.height)] {
                guard min(start, end) >= Self.leastWindow else { return "the motion shows less than a hundredth" }
                guard max(start, end) <= Self.greatestZoom * min(start, end) else {
                    return "the motion zooms by more than \(Self.greatestZoom)"
                }
            }
            return nil
        case .clip(let clip):
            if clip.file.isEmpty { return "the clip has no path" }
            guard clip.part.lowerBound >= 0, clip.part.upperBound <= Self.longestFilm else {
                return "the clip's part is not within a film"
            }
            guard clip.part.upperBound - clip.part.lowerBound >= 0.05 else {
                return "the clip's part is shorter than a twentieth of a second"
            }
            return Clip.speeds.contains(clip.speed)
                ? nil : "the clip's speed is \(clip.speed), not \(Clip.speeds.lowerBound) to \(Clip.speeds.upperBound)"
        case .plain: return nil
        }
    }

    private var problemOfTitles: String? {
        for (index, title) in cut.titles.enumerated()
        where title.frames.isEmpty || title.frames.lowerBound < 0 || title.frames.upperBound > cut.frameCount {
            return "title \(index) is shown for frames \(title.frames), not within the video's \(cut.frameCount)"
        }
        return nil
    }

    private var problemOfCaptions: String? {
        do {
            try cut.captions.style.check()
        } catch {
            return error.description
        }
        var last = 0.0
        for word in cut.captions.pages.lazy.flatMap(\.lines).joined() {
            guard word.start.isFinite, word.end.isFinite, word.start >= last, word.end >= word.start else {
                return
                    "a caption's word is spoken from \(word.start) to \(word.end) s, after one that starts at \(last) s"
            }
            last = word.start
        }
        return nil
    }

    private var problemOfLogo: String? {
        guard let logo = cut.logo else { return nil }
        if logo.file.isEmpty { return "the logo has no path" }
        guard (0.02...0.5).contains(logo.width), (0...1).contains(logo.opacity) else {
            return "the logo's width is 0.02 to 0.5 and its opacity 0 to 1, not \(logo.width) and \(logo.opacity)"
        }
        return nil
    }

    private var problemOfSound: String? {
        let parts = [cut.sound.narration].compactMap { $0 } + cut.sound.others
        for part in parts {
            if part.file.isEmpty { return "a sound has no path" }
            guard part.start.isFinite, part.start >= 0, part.start < cut.duration, part.gain.isFinite else {
                return "a sound starts at \(part.start) s of a video of \(cut.duration) s"
            }
            if let range = part.part, !(range.lowerBound >= 0 && range.upperBound.isFinite && !range.isEmpty) {
                return "a sound's part \(range) is not within a file"
            }
        }
        if let music = cut.sound.music, !(-60...0).contains(music.level) {
            return "the music's level is -60 to 0 LU, not \(music.level)"
        }
        return nil
    }
}
