import Foundation
import Media

/// A video that is made twice: by us, and by somebody else.
struct RenderCase: Sendable {
    enum Material: String, Sendable { case stills, clips }

    let material: Material
    /// Seconds
    let length: Int
    let size: FrameSize

    static let rate = 30
    /// Of each shot, in seconds.
    static let shotLength = 5
    /// Frames of each dissolve.
    static let transition = 16
    /// The zoom in from the whole picture.
    static let zoom = 1.1

    /// White letters with a dark edge, the spoken word yellow, and no shade behind them, which the others would have to make.
    static let captionStyle =
        "Inter,64,&H00FFFFFF,&H0057C8FF,&H00201008,&H00000000,1,0,0,0,100,100,0,0,1,4,0,2,80,80,80,1"

    /// `stills_30s_16x9`
    var name: String { "\(material.rawValue)_\(length)s_\(size.isVertical ? "9x16" : "16x9")" }

    var shots: Int { length / Self.shotLength }

    /// Frames that shot `index` is seen for, transitions included.
    func seen(_ index: Int) -> Range<Int> {
        let half = Self.transition / 2
        let (start, end) = (index * Self.shotLength * Self.rate, (index + 1) * Self.shotLength * Self.rate)
        return (index == 0 ? start : start - half)..<(index == shots - 1 ? end : end + half)
    }

    func cut(_ set: RenderSet) throws -> Cut {
        let shots = (0..<shots).map { index -> Shot in
            let frames = (index * Self.shotLength * Self.rate)..<((index + 1) * Self.shotLength * Self.rate)
            let source: Shot.Source =
                switch material {
                case .stills: .still(file: set.still(index), motion: motion)
                case .clips: .clip(Clip(file: set.clip(index), part: 0..<RenderSet.clipLength))
                }
            return Shot(
                source, frames: frames, transition: index == 0 ? .cut : Transition(.dissolve, frames: Self.transition))
        }
        return try Cut(
            size: size, frameRate: Self.rate, shots: shots,
            captions: Captions(words, style: .custom(ass: Self.captionStyle), in: size), hasProgressLine: false,
            sound: SoundTrack(narration: SoundTrack.Part(file: set.narration, start: 0.5)),
            encoding: VideoEncoding(preference: .software))
    }

    private var motion: Motion {
        let shape = Double(size.width) / Double(size.height) * 9 / 16
        let (width, height) = shape < 1 ? (shape, 1) : (1, 1 / shape)
        func middle(_ zoom: Double) -> Box {
            Box(
                left: 0.5 - width / zoom / 2, top: 0.5 - height / zoom / 2, width: width / zoom,
                height: height / zoom)
        }
        return Motion(from: middle(1), to: middle(Self.zoom))
    }

    private var words: [TimedWord] {
        let text = """
            The keeper climbed the same stairs every evening, and every evening the same small flame became a beam that ships \
            could see from twenty miles away. Nobody thanked him, and nobody drowned.
            """.split(separator: " ")
        return (0..<Int(Double(length - 2) / 0.36)).map { index in
            let start = 0.5 + 0.36 * Double(index)
            return TimedWord(String(text[index % text.count]), start: start, end: start + 0.33)
        }
    }
}

/// The pictures, films and sounds that a benchmark's videos are made of, in a folder of their own that goes with this.
final class RenderSet: Sendable {
    let folder: URL

    /// Seconds that a film lasts: longer than a shot is seen.
    static let clipLength = 6.0
    private static let places = [
        "start_x=-0.743643887:start_y=-0.131825904:start_scale=0.02", "start_x=-0.1:start_y=0.8383:start_scale=0.2",
        "start_x=-1.25066:start_y=0.02012:start_scale=0.01", "start_x=-0.748:start_y=0.1:start_scale=0.05",
        "start_x=-0.5:start_y=0:start_scale=2.5", "start_x=0.285:start_y=0.01:start_scale=0.3",
    ]

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "render-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appending(path: name).path(percentEncoded: false) }
    func still(_ index: Int) -> String { path("still-\(index % Self.places.count).png") }
    func clip(_ index: Int) -> String { path("clip-\(index % Self.places.count).mp4") }
    var narration: String { path("narration.wav") }

    /// Makes what is not there yet. Pictures of 3840 × 2160 with detail at every scale; films of 1920 × 1080.
    func make(_ material: RenderCase.Material) throws {
        if !FileManager.default.fileExists(atPath: narration) {
            try ffmpeg(
                "-f", "lavfi", "-i", "sine=f=180:d=600", "-af", "tremolo=f=4:d=0.9", "-ar", "48000", "-ac", "1",
                narration)
        }
        for (index, place) in Self.places.enumerated() {
            switch material {
            case .stills where !FileManager.default.fileExists(atPath: still(index)):
                try ffmpeg(
                    "-f", "lavfi", "-i", "mandelbrot=s=3840x2160:maxiter=400:\(place)", "-frames:v", "1", "-vf",
                    "gblur=sigma=1.5", still(index))
            case .clips where !FileManager.default.fileExists(atPath: clip(index)):
                try ffmpeg(
                    "-f", "lavfi", "-i",
                    "mandelbrot=s=1920x1080:r=30:maxiter=300:\(place):end_scale=0.001:end_pts=2000", "-t",
                    "\(Self.clipLength)", "-vf", "format=yuv420p,setparams=colorspace=bt709:range=tv", "-c:v",
                    "libx264", "-preset", "veryfast", "-crf", "16", "-colorspace", "bt709", clip(index))
            default: break
            }
        }
    }

    func ffmpeg(_ arguments: String...) throws {
        try ChildProcess.run(["ffmpeg", "-v", "error", "-nostdin", "-y"] + arguments)
    }
}
