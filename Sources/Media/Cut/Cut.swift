/// A video, decided to the frame: what is seen, written and heard, and when. A value: making one reads no file, and
/// rendering one decides nothing. A cut that exists is one that can be drawn: `init` checks it.
public struct Cut: Sendable, Hashable {
    public struct Palette: Sendable, Hashable, Codable {
        /// The spoken word, the bars and the progress line.
        public var accent: Colour
        /// What dims the picture behind words, and the colour of fades. Dark for light text.
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
    /// They follow each other without a gap from frame 0; the end of the last one is the video's.
    public let shots: [Shot]
    public let titles: [Title]
    /// Timed in seconds of the video.
    public let captions: Captions
    public let logo: Logo?
    /// A thin line along the lower edge that grows with the video.
    public let hasProgressLine: Bool
    /// Frames at the beginning and at the end in which the picture comes from, and goes to, the background colour.
    public let fadeIn: Int
    public let fadeOut: Int
    public let palette: Palette
    /// A family that fontconfig knows; where it isn't installed fontconfig chooses, DejaVu Sans on a bare Debian.
    public let typeface: String
    public let sound: SoundTrack
    public let chapters: [Chapter]
    public let encoding: VideoEncoding

    /// Throws ``MediaError/Code-swift.enum/invalid`` and says which value is wrong.
    public init(
        size: FrameSize = .horizontal, frameRate: Int = 30, shots: [Shot], titles: [Title] = [],
        captions: Captions = Captions([]), logo: Logo? = nil, hasProgressLine: Bool = true, fadeIn: Int = 0,
        fadeOut: Int = 0, palette: Palette = .calm, typeface: String = "Inter", sound: SoundTrack,
        chapters: [Chapter] = [], encoding: VideoEncoding = VideoEncoding()
    ) throws(MediaError) {
        (self.size, self.frameRate, self.shots, self.titles) = (size, frameRate, shots, titles)
        (self.captions, self.logo, self.hasProgressLine) = (captions, logo, hasProgressLine)
        (self.fadeIn, self.fadeOut, self.palette, self.typeface) = (fadeIn, fadeOut, palette, typeface)
        (self.sound, self.chapters, self.encoding) = (sound, chapters, encoding)
        if let reason = CutCheck(self).problem { throw MediaError(.invalid, "check the cut", reason: reason) }
    }

    public var frameCount: Int { shots.last?.frames.upperBound ?? 0 }

    /// Seconds.
    public var duration: Double { Double(frameCount) / Double(frameRate) }

    /// How many frames a video of so many seconds has, rounded up to a whole frame; at least one.
    public static func frameCount(seconds: Double, frameRate: Int = 30) -> Int {
        max(1, Int((seconds * Double(frameRate) - 1e-6).rounded(.up)))
    }
}

extension Cut: Codable {
    private enum Key: CodingKey {
        case version, size, frameRate, shots, titles, captions, logo, hasProgressLine, fadeIn, fadeOut, palette
        case typeface, sound, chapters, encoding
    }

    /// Layout of the JSON; raised when a reader of the old one could misread the new.
    private static let version = 1

    public init(from decoder: any Swift.Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        let version = try values.decode(Int.self, forKey: .version)
        guard version == Self.version else {
            throw DecodingError.dataCorruptedError(
                forKey: .version, in: values,
                debugDescription: "this program reads cuts of version \(Self.version), not \(version)")
        }
        try self.init(
            size: values.decode(FrameSize.self, forKey: .size), frameRate: values.decode(Int.self, forKey: .frameRate),
            shots: values.decode([Shot].self, forKey: .shots), titles: values.decode([Title].self, forKey: .titles),
            captions: values.decode(Captions.self, forKey: .captions),
            logo: values.decodeIfPresent(Logo.self, forKey: .logo),
            hasProgressLine: values.decode(Bool.self, forKey: .hasProgressLine),
            fadeIn: values.decode(Int.self, forKey: .fadeIn), fadeOut: values.decode(Int.self, forKey: .fadeOut),
            palette: values.decode(Palette.self, forKey: .palette),
            typeface: values.decode(String.self, forKey: .typeface),
            sound: values.decode(SoundTrack.self, forKey: .sound),
            chapters: values.decode([Chapter].self, forKey: .chapters),
            encoding: values.decode(VideoEncoding.self, forKey: .encoding))
    }

    public func encode(to encoder: any Swift.Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(Self.version, forKey: .version)
        try values.encode(size, forKey: .size)
        try values.encode(frameRate, forKey: .frameRate)
        try values.encode(shots, forKey: .shots)
        try values.encode(titles, forKey: .titles)
        try values.encode(captions, forKey: .captions)
        try values.encodeIfPresent(logo, forKey: .logo)
        try values.encode(hasProgressLine, forKey: .hasProgressLine)
        try values.encode(fadeIn, forKey: .fadeIn)
        try values.encode(fadeOut, forKey: .fadeOut)
        try values.encode(palette, forKey: .palette)
        try values.encode(typeface, forKey: .typeface)
        try values.encode(sound, forKey: .sound)
        try values.encode(chapters, forKey: .chapters)
        try values.encode(encoding, forKey: .encoding)
    }
}
