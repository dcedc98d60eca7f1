import Fleet
import Foundation
import Media
import Production

/// Where everything stands in a video: its size, and which frames each scene is shown for. Pure; the renderer is told.
struct VideoLayout {
    static let leadIn = 0.5
    static let tail = 1.2
    static let frameRate = 30

    let size: FrameSize
    let palette: Cut.Palette
    let scenes: [Range<Int>]
    private let channel: Channel
    private let storyboard: Storyboard
    private let narration: Narration
    private let encoding: VideoEncoding

    /// - Throws: `StageFailure` if narration and storyboard do not belong together.
    init(
        _ storyboard: Storyboard, _ narration: Narration, channel: Channel, settings: FleetConfiguration.Render
    ) throws {
        (self.storyboard, self.narration, self.channel) = (storyboard, narration, channel)
        guard !storyboard.scenes.isEmpty, storyboard.scenes.count == narration.scenes.count else {
            throw StageFailure(
                .permanent, provider: .own, asked: "lay out the video",
                answer: "the storyboard has \(storyboard.scenes.count) scenes, the narration \(narration.scenes.count)")
        }
        // 16:9, rounded to whole macroblock-friendly even numbers.
        let short = settings.shortSide
        let long = (short * 16 / 9 + 1) / 2 * 2
        let (width, height) = channel.orientation == .landscape ? (long, short) : (short, long)
        guard let size = FrameSize(width: width, height: height) else {
            throw StageFailure(
                .permanent, provider: .own, asked: "lay out the video", answer: "\(width)×\(height) is no frame size")
        }
        self.size = size
        scenes = Self.frames(of: narration)
        let colours = channel.palette.colours
        palette = Cut.Palette(
            accent: Colour(rgb: channel.palette.accent), background: Colour(rgb: colours[0]), text: Colour(0xFFFFFF))
        encoding = VideoEncoding(
            preference: settings.encoder == .automatic ? .automatic : .software,
            preset: VideoEncoding.Preset(rawValue: settings.preset.rawValue) ?? .veryfast)
    }

    /// Pictures a quarter larger than the frame: enough for the slow motion, and a third less to draw than twice.
    var pictureWidth: Int { size.width * 5 / 4 }
    var pictureHeight: Int { size.height * 5 / 4 }

    /// The same for the same job and scene. A video's scenes have neighbouring seeds, which generated art takes to be
    /// different kinds of picture; the job spreads the rest.
    func seed(job: Job.ID, scene: Int) -> UInt64 { UInt64(bitPattern: job.rawValue) &* 11 &+ UInt64(scene) }

    func cut(title: String, job: Job.ID, pictures: [URL], sound: URL) throws -> Cut {
        do {
            return try Cut(
                size: size, frameRate: Self.frameRate, shots: shots(job: job, pictures: pictures),
                titles: titles(title),
                captions: captions, fadeOut: Self.frameRate * 6 / 10, palette: palette,
                sound: SoundTrack(
                    narration: SoundTrack.Part(file: sound.path(percentEncoded: false), start: Self.leadIn)),
                encoding: encoding)
        } catch {
            throw StageFailure(
                .permanent, provider: .own, asked: "lay out the video", answer: error.description)
        }
    }

    var captions: Captions {
        Captions(
            narration.words.map { TimedWord($0.text, start: $0.start + Self.leadIn, end: $0.end + Self.leadIn) },
            lineLength: Captions.lineLength(in: size))
    }

    private func shots(job: Job.ID, pictures: [URL]) -> [Shot] {
        zip(scenes, pictures).enumerated().map { index, pair in
            // A quarter of a second on each side of the cut, less where a scene is short.
            let shorter = min(pair.0.count, index > 0 ? scenes[index - 1].count : .max)
            let half = min(Self.frameRate / 4, shorter / 3)
            let motion = Motion(
                over: (pictureWidth, pictureHeight), for: size,
                seconds: Double(pair.0.count + 2 * half) / Double(Self.frameRate), seed: seed(job: job, scene: index))
            return Shot(
                .still(file: pair.1.path(percentEncoded: false), motion: motion), frames: pair.0,
                transition: index == 0 ? .cut : Transition(.dissolve, frames: 2 * half))
        }
    }

    /// The title card has the first seconds for itself; later each scene says what it is about.
    private func titles(_ title: String) -> [Title] {
        let end = scenes.last?.upperBound ?? 0
        let card = min(Self.frameRate * 19 / 5, end * 2 / 5)
        let labels = zip(storyboard.scenes, scenes).dropFirst().compactMap { scene, frames -> Title? in
            let start = max(frames.lowerBound + Self.frameRate / 4, card)
            let last = frames.upperBound == end ? end - Self.frameRate * 4 / 5 : frames.upperBound - Self.frameRate / 5
            let stop = min(last, start + 5 * Self.frameRate)
            guard !scene.heading.isEmpty, stop - start > Self.frameRate * 6 / 5 else { return nil }
            return Title(.label, scene.heading, frames: start..<stop)
        }
        return [Title(.card, title, detail: channel.name, frames: 0..<max(1, card))] + labels
    }

    /// A scene changes in the middle of the pause between its words and the next scene's.
    private static func frames(of narration: Narration) -> [Range<Int>] {
        var starts = [0]
        for (scene, next) in zip(narration.scenes, narration.scenes.dropFirst()) {
            let change = leadIn + (scene.end + next.start) / 2
            starts.append(max((change * Double(frameRate)).rounded().whole, (starts.last ?? 0) + 1))
        }
        let last = Cut.frameCount(seconds: leadIn + narration.duration + tail, frameRate: frameRate)
        let ends = Array(starts.dropFirst()) + [max(last, (starts.last ?? 0) + 1)]
        return zip(starts, ends).map { $0..<$1 }
    }
}

extension Double {
    fileprivate var whole: Int { Int(self) }
}

extension Colour {
    init(rgb colour: RGB) {
        self.init(red: colour.red, green: colour.green, blue: colour.blue)
    }
}
