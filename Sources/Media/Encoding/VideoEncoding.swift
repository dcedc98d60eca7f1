/// How the picture is compressed. What YouTube asks for (H.264 High, two B-frames, closed groups of half a second,
/// BT.709; https://support.google.com/youtube/answer/1722171) is fixed; this is what a deployment may choose.
public struct VideoEncoding: Sendable, Hashable, Codable {
    public enum Preference: String, Sendable, Hashable, Codable, CaseIterable {
        /// The GPU's encoder where it really encodes, else libx264.
        case automatic
        /// libx264 always.
        case software
    }

    /// libx264's own presets, fastest first. Each is slower than the one before, for a smaller file. Not `ultrafast`, which
    /// leaves out the 8×8 transform: its file would not be High.
    public enum Preset: String, Sendable, Hashable, Codable, CaseIterable {
        case superfast, veryfast, faster, fast, medium, slow
    }

    public var preference: Preference
    public var preset: Preset
    /// Constant quality, 1 (best) to 51: libx264's `crf`, NVENC's `cq`. The two scales are made to resemble each other, but
    /// are not the same one: that equal numbers look equally good has never been measured on a GPU.
    public var quality: Int
    /// The peak, in bits a second, over a buffer of one and a half seconds.
    public var peakBitRate: Int
    /// Of the sound (AAC-LC stereo), in bits a second.
    public var audioBitRate: Int
    /// Encoder threads, at most 64; 0: half as many again as there are processors, at most eight.
    public var threads: Int

    /// Values out of range are brought to the nearest one in range.
    public init(
        preference: Preference = .automatic, preset: Preset = .veryfast, quality: Int = 20,
        peakBitRate: Int = 16_000_000, audioBitRate: Int = 256_000, threads: Int = 0
    ) {
        (self.preference, self.preset) = (preference, preset)
        self.quality = min(max(quality, 1), 51)
        self.peakBitRate = min(max(peakBitRate, 200_000), 200_000_000)
        self.audioBitRate = min(max(audioBitRate, 192_000), 512_000)
        self.threads = min(max(threads, 0), 64)
    }
}
