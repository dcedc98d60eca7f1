/// Everything the renderer knows about one video. A plan that exists is one that can be drawn: `init` checks it.
public struct RenderPlan: Sendable, Hashable {
    /// One picture and the time it is on the screen.
    public struct Scene: Sendable, Hashable, Codable {
        /// A still that FFmpeg decodes: PNG, JPEG, WebP, BMP, GIF, TIFF, or raw RGB as PPM. It covers the frame; a
        /// picture of 1.5 to 2 times the frame's size gives the sharpest motion.
        public var picture: String
        /// The frames it is shown for, in whole frames of the video. The cross-fade into the next scene begins before
        /// the end of `frames`.
        public var frames: Range<Int>
        /// Chooses the direction of the picture's slow motion. The same seed moves the same way.
        public var motionSeed: UInt64
        /// A few on-screen words, shown as a quiet label when the scene begins. Empty: none.
        public var heading: String

        public init(picture: String, frames: Range<Int>, motionSeed: UInt64, heading: String = "") {
            (self.picture, self.frames, self.motionSeed, self.heading) = (picture, frames, motionSeed, heading)
        }
    }

    public struct Palette: Sendable, Hashable, Codable {
        /// The spoken word, the bars and the progress line.
        public var accent: Colour
        /// What dims the picture behind words, and the colour of a fade's end. Dark for light text.
        public var background: Colour
        public var text: Colour

        public init(accent: Colour, background: Colour, text: Colour) {
            (self.accent, self.background, self.text) = (accent, background, text)
        }

        public static let calm = Palette(
            accent: Colour(0xFFC857), background: Colour(0x0B1020), text: Colour(0xFFFFFF))
    }

    public let size: FrameSize
    /// Frames a second, 1 to 60.
    public let frameRate: Int
    /// Shown on the title card over the first seconds. Empty: no card.
    public let title: String
    /// A small line below the title, a channel's name for example. May be empty.
    public let credit: String
    /// At least one; they follow each other without a gap from frame 0. The last one lasts to the video's end,
    /// whatever its own end says: how long that is depends on the narration.
    public let scenes: [Scene]
    /// In the order they are spoken.
    public let words: [TimedWord]
    /// A sound file that FFmpeg decodes, normally a WAV of 48 kHz, mono, 16 bits.
    public let narration: String
    /// Seconds of silence before the narration, 0.1 to 10.
    public let leadIn: Double
    /// Seconds after the narration, 0 to 30.
    public let tail: Double
    public let palette: Palette
    /// A family that fontconfig knows; where it isn't installed fontconfig chooses, DejaVu Sans on a bare Debian.
    public let fontFamily: String
    public let encoding: VideoEncoding

    /// Throws ``MediaError/Code-swift.enum/invalid`` and says which value is wrong.
    public init(
        size: FrameSize = .horizontal, frameRate: Int = 30, title: String, credit: String = "", scenes: [Scene],
        words: [TimedWord], narration: String, leadIn: Double = 0.5, tail: Double = 1, palette: Palette = .calm,
        fontFamily: String = "Inter", encoding: VideoEncoding = VideoEncoding()
    ) throws(MediaError) {
        (self.size, self.frameRate, self.title, self.credit) = (size, frameRate, title, credit)
        (self.scenes, self.words, self.narration) = (scenes, words, narration)
        (self.leadIn, self.tail, self.palette) = (leadIn, tail, palette)
        (self.fontFamily, self.encoding) = (fontFamily, encoding)
        if let reason = Self.problem(of: self) { throw MediaError(.invalid, "check render plan", reason: reason) }
    }

    /// How many frames a video of this narration has: lead-in, narration and tail, rounded up to a whole frame.
    public static func frameCount(leadIn: Double, narration: Double, tail: Double, frameRate: Int = 30) -> Int {
        max(1, Int(((leadIn + narration + tail) * Double(frameRate) - 1e-6).rounded(.up)))
    }

    private static func problem(of plan: RenderPlan) -> String? {
        guard (1...60).contains(plan.frameRate) else { return "frame rate is 1 to 60, not \(plan.frameRate)" }
        guard (0.1...10).contains(plan.leadIn) else { return "lead-in is 0.1 to 10 seconds, not \(plan.leadIn)" }
        guard (0...30).contains(plan.tail) else { return "tail is 0 to 30 seconds, not \(plan.tail)" }
        guard !plan.narration.isEmpty else { return "the narration has no path" }
        guard plan.scenes.first?.frames.lowerBound == 0 else { return "the first scene does not start at frame 0" }
        for (index, scene) in plan.scenes.enumerated() {
            guard !scene.frames.isEmpty else { return "scene \(index) has no frames" }
            guard !scene.picture.isEmpty else { return "scene \(index) has no picture" }
            guard index == 0 || plan.scenes[index - 1].frames.upperBound == scene.frames.lowerBound else {
                return "scene \(index) starts at frame \(scene.frames.lowerBound), "
                    + "not where the one before it ends"
            }
        }
        var last = 0.0
        for (index, word) in plan.words.enumerated() {
            guard word.start.isFinite, word.end.isFinite, word.start >= last, word.end >= word.start else {
                return "word \(index) is spoken from \(word.start) to \(word.end) s, after one that starts at \(last) s"
            }
            last = word.start
        }
        return nil
    }
}

extension RenderPlan: Codable {
    private enum Key: CodingKey {
        case size, frameRate, title, credit, scenes, words, narration, leadIn, tail, palette, fontFamily, encoding
    }

    public init(from decoder: any Swift.Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        try self.init(
            size: values.decode(FrameSize.self, forKey: .size), frameRate: values.decode(Int.self, forKey: .frameRate),
            title: values.decode(String.self, forKey: .title), credit: values.decode(String.self, forKey: .credit),
            scenes: values.decode([Scene].self, forKey: .scenes),
            words: values.decode([TimedWord].self, forKey: .words),
            narration: values.decode(String.self, forKey: .narration),
            leadIn: values.decode(Double.self, forKey: .leadIn), tail: values.decode(Double.self, forKey: .tail),
            palette: values.decode(Palette.self, forKey: .palette),
            fontFamily: values.decode(String.self, forKey: .fontFamily),
            encoding: values.decode(VideoEncoding.self, forKey: .encoding))
    }

    public func encode(to encoder: any Swift.Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(size, forKey: .size)
        try values.encode(frameRate, forKey: .frameRate)
        try values.encode(title, forKey: .title)
        try values.encode(credit, forKey: .credit)
        try values.encode(scenes, forKey: .scenes)
        try values.encode(words, forKey: .words)
        try values.encode(narration, forKey: .narration)
        try values.encode(leadIn, forKey: .leadIn)
        try values.encode(tail, forKey: .tail)
        try values.encode(palette, forKey: .palette)
        try values.encode(fontFamily, forKey: .fontFamily)
        try values.encode(encoding, forKey: .encoding)
    }
}
