/// What is in a media file, found by looking.
public struct MediaProbe: Sendable, Hashable, Codable {
    public struct Video: Sendable, Hashable, Codable {
        public let codec: String
        public let profile: String
        public let width: Int
        public let height: Int
        public let frameRate: Double
        public let pixelFormat: String
        /// FFmpeg's names: `bt709`, or `unknown` where the file doesn't say.
        public let matrix: String
        public let primaries: String
        public let transfer: String
        /// `tv`, `pc` or `unknown`.
        public let range: String
        /// Seconds.
        public let start: Double
        public let duration: Double
        /// How many frames really decode; nil when not decoded.
        public let frames: Int?
        /// The distance between key frames, in frames, the greatest found; nil when not decoded.
        public let keyFrameDistance: Int?
        /// Mean luma of about ten frames spread over the video, 16 (black) to 235; empty when not decoded.
        public let meanLuma: [Double]
        /// The darkest and the lightest sample of those frames.
        public let lumaRange: ClosedRange<Int>?
    }

    public struct Audio: Sendable, Hashable, Codable {
        public let codec: String
        public let profile: String
        public let sampleRate: Int
        public let channels: Int
        public let start: Double
        public let duration: Double
        /// LUFS (EBU R 128); nil for silence or when not decoded.
        public let integratedLoudness: Double?
        /// dBTP; nil for silence or when not decoded.
        public let truePeak: Double?
    }

    /// FFmpeg's name of the container: `mov,mp4,m4a,3gp,3g2,mj2`.
    public let container: String
    /// Seconds.
    public let duration: Double
    public let bytes: Int64
    /// The first of each kind.
    public let video: Video?
    public let audio: Audio?
    /// MP4 only: the index comes before the data, so that playing can begin before the download ends.
    public let indexComesFirst: Bool
    /// MP4 only: some track has an edit list (`elst`).
    public let hasEditList: Bool

    public enum Depth: Sendable {
        /// What the file says of itself.
        case headers
        /// Every frame decoded and the loudness measured.
        case everything
    }

    /// Looks at the file `path`.
    public static func probe(_ path: String, depth: Depth = .everything) async throws(MediaError) -> MediaProbe {
        throw MediaError(.unsupported, "probe", reason: "not built")
    }
}
